// Parses a response into a result or a typed error. A misbehaving provider must not break the caller: the size of bodies is limited, and
// only the responses that the OpenAPI document defines are accepted.

import { ProblemError, UnreachableError, UnexpectedResponseError, type Problem } from './errors.ts';

export type ParsedResponse = {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
};
/** The successful responses that the document defines for the operation. */
type ExpectedResponses = {
  readonly operation: string;
  readonly withBody: readonly number[];
  readonly withoutBody: readonly number[];
};

const MAX_BYTES = 1_048_576;

type MakeError = (message: string, cause?: unknown) => UnexpectedResponseError;

/** RFC 9110 section 10.2.3: seconds or an HTTP date. */
const parseRetryAfter = (value: string | null): number | undefined => {
  if (value === null) return undefined;
  const seconds = /^\d{1,9}$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
};

const readBytes = async (response: Response, unexpected: MakeError): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw unexpected('The response body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const readText = async (response: Response, operation: string, unexpected: MakeError): Promise<string> => {
  const bytes = await readBytes(response, unexpected).catch((cause: unknown) => {
    if (cause instanceof UnexpectedResponseError) throw cause;
    throw new UnreachableError('The connection closed before the response was complete', { operation, cause });
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unexpected('The response body is not UTF-8', cause);
  }
};

/** Every JSON body of this service is an object. */
const parseObject = (text: string, unexpected: MakeError): object => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unexpected('The response body is not JSON', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unexpected('The response body is not a JSON object');
  return value;
};

const isProblem = (value: object): value is Problem =>
  'code' in value && typeof value.code === 'string' && 'traceId' in value && 'title' in value;

/** @throws ProblemError | UnreachableError | UnexpectedResponseError */
export const readResponse = async (
  response: Response,
  { operation, withBody, withoutBody }: ExpectedResponses,
): Promise<ParsedResponse> => {
  const { status } = response;
  const details = { operation, status, retryAfterSeconds: parseRetryAfter(response.headers.get('retry-after')) };
  const unexpected: MakeError = (message, cause) => new UnexpectedResponseError(message, { ...details, cause });
  const type = response.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  const headers = Object.fromEntries(response.headers);
  const text = await readText(response, operation, unexpected);

  if (withoutBody.includes(status)) return { status, body: undefined, headers };
  if (withBody.includes(status)) {
    if (type !== 'application/json') throw unexpected('The content type of the response is not application/json');
    return { status, body: parseObject(text, unexpected), headers };
  }
  if (status < 400 || type !== 'application/problem+json')
    throw unexpected('The response is not defined in the OpenAPI document');
  const problem = parseObject(text, unexpected);
  if (!isProblem(problem)) throw unexpected('The error response is not a problem document');
  throw new ProblemError(problem, details);
};
