// Turns what came back into an answer or a typed error. Nothing that a provider sends may break the caller: bodies are bounded,
// and only what the document promises is believed.

import { ProblemError, UnreachableError, UnreadableAnswerError, type Problem } from './errors.ts';

export type ReadAnswer = {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
};
/** What the document promises about the operation. */
type Promised = {
  readonly operation: string;
  readonly withBody: readonly number[];
  readonly withoutBody: readonly number[];
};

const MAX_BYTES = 1_048_576;

type Refuse = (message: string, cause?: unknown) => UnreadableAnswerError;

/** RFC 9110 section 10.2.3: seconds, or a date. */
const parseRetryAfter = (value: string | null): number | undefined => {
  if (value === null) return undefined;
  const seconds = /^\d{1,9}$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
};

const readBytes = async (response: Response, refuse: Refuse): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw refuse('The answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const readText = async (response: Response, operation: string, refuse: Refuse): Promise<string> => {
  const bytes = await readBytes(response, refuse).catch((cause: unknown) => {
    if (cause instanceof UnreadableAnswerError) throw cause;
    throw new UnreachableError('The connection ended before the answer did', { operation, cause });
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw refuse('The answer is not UTF-8', cause);
  }
};

/** Every JSON body of this service is an object. */
const parseObject = (text: string, refuse: Refuse): object => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse('The answer is not JSON', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse('The answer is not an object');
  return value;
};

const isProblem = (value: object): value is Problem =>
  'code' in value && typeof value.code === 'string' && 'traceId' in value && 'title' in value;

/** @throws ProblemError | UnreachableError | UnreadableAnswerError */
export const readAnswer = async (
  response: Response,
  { operation, withBody, withoutBody }: Promised,
): Promise<ReadAnswer> => {
  const { status } = response;
  const details = { operation, status, retryAfterSeconds: parseRetryAfter(response.headers.get('retry-after')) };
  const refuse: Refuse = (message, cause) => new UnreadableAnswerError(message, { ...details, cause });
  const type = response.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  const headers = Object.fromEntries(response.headers);
  const text = await readText(response, operation, refuse);

  if (withoutBody.includes(status)) return { status, body: undefined, headers };
  if (withBody.includes(status)) {
    if (type !== 'application/json') throw refuse('The answer is not application/json');
    return { status, body: parseObject(text, refuse), headers };
  }
  if (status < 400 || type !== 'application/problem+json') throw refuse('The answer is not one that is promised');
  const problem = parseObject(text, refuse);
  if (!isProblem(problem)) throw refuse('The refusal is not a problem document');
  throw new ProblemError(problem, details);
};
