// RFC 9457: turns any error into a problem document, by a table of problem types. http-problem-types.ts has the rows of HTTP itself,
// problem-types.ts adds those of the domain.

import { CodedError, codeOf, type Fault } from '../../errors/coded-error.ts';
import { HttpError, MAX_FAULTS, type HttpErrorCode } from '../errors.ts';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

export type ProblemType = {
  readonly status: number;
  readonly title: string;
  /** What the caller can do; served at the problem's `type`. */
  readonly remedy: string;
  /** `error` of the Bearer challenge, RFC 6750 section 3.1 and RFC 9470 section 3. */
  readonly bearerError?: 'invalid_token' | 'insufficient_scope' | 'insufficient_user_authentication';
};

/** By error code; INTERNAL is for errors without a row. */
export type ProblemTypes = Readonly<Record<string, ProblemType>> & { readonly INTERNAL: ProblemType };

export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly code: string;
  readonly traceId: string;
  readonly errors?: readonly Fault[];
};

const FRAMEWORK_ERRORS: ReadonlyMap<string, readonly [HttpErrorCode, string]> = new Map([
  ['FST_ERR_CTP_BODY_TOO_LARGE', ['BODY_TOO_LARGE', 'The body is larger than this service reads.']],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', ['CONTENT_TYPE_UNSUPPORTED', 'Only application/json in UTF-8 is supported.']],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', ['BODY_UNREADABLE', 'The body does not match Content-Length.']],
  ['FST_ERR_BAD_URL', ['REQUEST_MALFORMED', 'The path can not be decoded.']],
  ['FST_ERR_MAX_PARAM_LENGTH', ['URI_TOO_LONG', 'A part of the path is too long.']],
  ['ECONNRESET', ['BODY_UNREADABLE', 'The connection ended before the body did.']],
]);

/** For errors that are known by their status only; of any other status below 500, the request is malformed. */
const CODES_BY_STATUS: ReadonlyMap<number, readonly [HttpErrorCode, string]> = new Map([
  [403, ['ROUTE_NOT_FOUND', 'Nothing is served at this path.']],
  [404, ['ROUTE_NOT_FOUND', 'Nothing is served at this path.']],
  [408, ['REQUEST_TIMEOUT', 'The request did not arrive in time.']],
  [413, ['BODY_TOO_LARGE', 'The body is larger than this service reads.']],
  [414, ['URI_TOO_LONG', 'The path and query are too long.']],
  [415, ['CONTENT_TYPE_UNSUPPORTED', 'Only application/json in UTF-8 is supported.']],
  [417, ['EXPECTATION_FAILED', 'An expectation is not supported.']],
  [429, ['RATE_LIMITED', 'Too many requests.']],
  [431, ['HEADERS_TOO_LARGE', 'The headers are too long.']],
]);
const MALFORMED = ['REQUEST_MALFORMED', 'The request is not valid.'] as const;

/**
 * The status that an error asks for: `statusCode` in Fastify and its plugins, `status` too in http-errors, which marks those
 * for the caller with `expose`. A bare `status` may be that of another server's response.
 */
const statusOf = (error: unknown): number => {
  if (!(error instanceof Error)) return 0;
  const { statusCode, status, expose } = error as { statusCode?: unknown; status?: unknown; expose?: unknown };
  return Number(statusCode ?? (expose === true ? status : 0));
};

/** What an error of the framework or of a plugin means: a status below 500 says that the request is at fault. */
const meaningOf = (error: unknown): readonly [HttpErrorCode, string] => {
  const known = FRAMEWORK_ERRORS.get(codeOf(error) ?? '');
  if (known !== undefined) return known;
  const status = statusOf(error);
  return status >= 400 && status < 500 ? (CODES_BY_STATUS.get(status) ?? MALFORMED) : ['INTERNAL', ''];
};

/** `USER_NOT_FOUND` → `user-not-found`, its path below /problems. */
export const toSlug = (code: string): string => code.toLowerCase().replaceAll('_', '-');

/** RFC 9457 section 3.1.1: a URI reference that resolves to documentation; routes/problem-pages.ts serves it. */
export const toTypeUri = (code: string): string => `/problems/${toSlug(code)}`;

const REALM = 'Bearer realm="user-service"';

/** RFC 6750 section 3.1; RFC 9110 section 15.5.2 requires a challenge with every 401. */
const challenge = ({ status, bearerError }: ProblemType, maxAgeSeconds: number | undefined): string | undefined => {
  const maxAge = maxAgeSeconds === undefined ? '' : `, max_age="${maxAgeSeconds}"`;
  if (bearerError !== undefined) return `${REALM}, error="${bearerError}"${maxAge}`;
  return status === 401 ? REALM : undefined;
};

const headersOf = (type: ProblemType, { retryAfterSeconds = 1, maxAgeSeconds }: CodedError): Record<string, string> => {
  const wwwAuthenticate = challenge(type, maxAgeSeconds);
  return {
    'content-type': PROBLEM_CONTENT_TYPE,
    'cache-control': 'no-store',
    ...(wwwAuthenticate === undefined ? {} : { 'www-authenticate': wwwAuthenticate }),
    ...(type.status === 503 || type.status === 429 ? { 'retry-after': String(Math.ceil(retryAfterSeconds)) } : {}),
  };
};

const toBody = ({ title, status }: ProblemType, error: CodedError, traceId: string): Problem => ({
  type: toTypeUri(error.code),
  title,
  status,
  ...(error.message === '' ? {} : { detail: error.message }),
  code: error.code,
  traceId,
  ...(error.faults.length === 0 ? {} : { errors: error.faults.slice(0, MAX_FAULTS) }),
});

/** The response to an error: the recognized error, the body and its headers. */
export type ProblemResponse = {
  readonly error: CodedError;
  readonly problem: Problem;
  readonly headers: Record<string, string>;
};

/** An error without a row in `types` becomes INTERNAL with that error as its cause; the body contains nothing of it. */
export const makeToProblem = (types: ProblemTypes) => {
  const table = new Map(Object.entries(types));
  const recognise = (error: unknown): CodedError => {
    if (error instanceof CodedError && table.has(String(error.code))) return error as CodedError;
    const [code, message] = meaningOf(error);
    return new HttpError(code, message, { cause: error });
  };
  return (cause: unknown, traceId: string): ProblemResponse => {
    const error = recognise(cause);
    const type = table.get(error.code) ?? types.INTERNAL;
    return { error, problem: toBody(type, error, traceId), headers: headersOf(type, error) };
  };
};
