// What a dead letter is: a message that could not be handled, unchanged, followed by headers `dlq-…` about its origin and its error.
// docs/dead-letters.md explains how to inspect and redrive one.

import { findHeader, headersOf, headerText, type MessageHeader, type MessageHeaders } from '../messaging/headers.ts';
import type { OutgoingMessage } from '../messaging/publisher.ts';
import type { IncomingMessage } from '../messaging/subscriber.ts';

/** What an operator may see of a dead letter: never its key or its value. All texts are printable ASCII, whoever wrote the message. */
export type DeadLetter = {
  /** Origin of the message; `unknown` if the message is not a dead letter. */
  readonly topic: string;
  readonly partition: string;
  readonly offset: string;
  /** Code or class of the error. */
  readonly error: string;
  readonly traceId: string;
  /** False: the value was too large for the dead-letter topic and was dropped. */
  readonly whole: boolean;
};

type Parts = { readonly original: MessageHeaders; readonly added: MessageHeaders };

const UNKNOWN = 'unknown';
/** Always the last header: how many headers before it are those of the original message. Theirs may have the same names. */
const ORIGINAL_HEADERS = 'dlq-original-headers';
const REDRIVEN = 'dlq-redriven';

/** A terminal obeys control characters. */
const PRINTABLE = /^[\x21-\x7E]+$/;
const COUNT = /^\d{1,9}$/;

export const deadLetterTopic = (topic: string): string => `${topic}.dlq`;

/** Headers of a dead letter: those of the original message, unchanged, then the added ones. */
export const withAddedHeaders = (
  original: MessageHeaders,
  added: Readonly<Record<string, string>>,
): MessageHeader[] => [...original, ...headersOf({ ...added, [ORIGINAL_HEADERS]: String(original.length) })];

const isAddedName = ({ name }: MessageHeader): boolean => name.toString().startsWith('dlq-');

const partsOf = (headers: MessageHeaders): Parts => {
  const last = headers.at(-1);
  const count = last && findHeader([last], ORIGINAL_HEADERS) ? headerText([last], ORIGINAL_HEADERS) : undefined;
  if (count !== undefined && COUNT.test(count) && Number(count) < headers.length)
    return { original: headers.slice(0, Number(count)), added: headers.slice(Number(count)) };
  // written by a release without the count
  return { original: headers.filter((header) => !isAddedName(header)), added: headers.filter(isAddedName) };
};

export const readDeadLetter = ({ headers }: IncomingMessage): DeadLetter => {
  const { added } = partsOf(headers);
  const textOf = (name: string): string => {
    const text = headerText(added, name) ?? '';
    return PRINTABLE.test(text) ? text : UNKNOWN;
  };
  return {
    topic: textOf('dlq-topic'),
    partition: textOf('dlq-partition'),
    offset: textOf('dlq-offset'),
    error: textOf('dlq-error'),
    traceId: textOf('dlq-trace-id'),
    whole: findHeader(added, 'dlq-value-dropped') === undefined,
  };
};

/** Key, value and headers as they came. */
export const unchangedMessage = ({ key, value, headers }: IncomingMessage): OutgoingMessage => ({
  key,
  value,
  headers,
});

/** Added by a redrive at the end, so that no header of the original message is changed. The last one counts. */
const redrivesOf = (headers: MessageHeaders): number => {
  const text = headerText(headers, REDRIVEN) ?? '';
  return COUNT.test(text) ? Number(text) : 0;
};

/** The message before it became a dead letter, byte for byte, for its original topic; one more header counts the redrives. */
export const originalMessage = (deadLetter: IncomingMessage): OutgoingMessage => {
  const { original } = partsOf(deadLetter.headers);
  const redrives = redrivesOf(deadLetter.headers) + 1;
  return {
    ...unchangedMessage(deadLetter),
    headers: [...original, ...headersOf({ [REDRIVEN]: String(redrives) })],
  };
};
