// Headers of a message as bytes, in the order in which the broker has them: names may repeat, a value may be null. They are decoded only where one
// is read, so that no producer can write a header that fails before the handler of the message is called.

export type MessageHeader = { readonly name: Buffer; readonly value: Buffer | null };
export type MessageHeaders = readonly MessageHeader[];

/** The headers that the service reads are ids and codes; a longer one is none of them. */
const MAX_TEXT_BYTES = 256;

/** W3C trace context, level 1. https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}$/;

/** Headers from texts, in the order of the members. */
export const headersOf = (texts: Readonly<Record<string, string>>): MessageHeader[] =>
  Object.entries(texts).map(([name, text]) => ({ name: Buffer.from(name), value: Buffer.from(text) }));

/** The last header of this name. */
export const findHeader = (headers: MessageHeaders, name: string): MessageHeader | undefined => {
  const bytes = Buffer.from(name);
  return headers.findLast((header) => header.name.equals(bytes));
};

/** The text of the last header of this name; undefined if it is absent, null, longer than 256 bytes or no UTF-8. */
export const headerText = (headers: MessageHeaders, name: string): string | undefined => {
  const value = findHeader(headers, name)?.value;
  if (!value || value.length > MAX_TEXT_BYTES) return undefined;
  const text = value.toString();
  return Buffer.from(text).equals(value) ? text : undefined;
};

/** The trace of the request that caused a message; undefined if the header is absent or not valid. */
export const traceparentOf = (headers: MessageHeaders): string | undefined => {
  const text = headerText(headers, 'traceparent');
  return text !== undefined && TRACEPARENT.test(text) ? text : undefined;
};

/** The trace id in a valid `traceparent`. */
export const traceIdOf = (traceparent = ''): string | undefined => TRACEPARENT.exec(traceparent)?.[1];
