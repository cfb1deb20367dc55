// Turns any error into the one shape of a refusal: RFC 9457.

import type { Fault } from '../../errors/coded-error.ts';
import { CodedError } from '../../errors/coded-error.ts';
import { HttpError, type HttpErrorCode } from '../errors.ts';
import { isProblemCode, problemType, toTypeUri, type ProblemCode } from './problem-types.ts';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly code: ProblemCode;
  readonly traceId: string;
  readonly errors?: readonly Fault[];
};

const FRAMEWORK_ERRORS: ReadonlyMap<string, readonly [HttpErrorCode, string]> = new Map([
  ['FST_ERR_CTP_BODY_TOO_LARGE', ['BODY_TOO_LARGE', 'The body is larger than this service reads.']],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', ['CONTENT_TYPE_UNSUPPORTED', 'Only application/json in UTF-8 is read here.']],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', ['BODY_UNREADABLE', 'The body is not as long as Content-Length says.']],
  ['FST_ERR_BAD_URL', ['REQUEST_MALFORMED', 'The path can not be decoded.']],
  ['FST_ERR_MAX_PARAM_LENGTH', ['URI_TOO_LONG', 'A part of the path is too long.']],
  ['ECONNRESET', ['BODY_UNREADABLE', 'The connection ended before the body did.']],
]);

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

type KnownError = CodedError & { readonly code: ProblemCode };

const isKnown = (error: unknown): error is KnownError =>
  error instanceof CodedError && isProblemCode(String(error.code));

/** The error as one that has an answer; what nobody foresaw is INTERNAL, with the error as its cause. */
export const toKnownError = (error: unknown): KnownError => {
  if (isKnown(error)) return error;
  const [code, message] = FRAMEWORK_ERRORS.get(codeOf(error)) ?? ['INTERNAL', ''];
  return new HttpError(code, message, { cause: error });
};

export const toProblem = (error: KnownError, traceId: string): Problem => {
  const { status, title } = problemType(error.code);
  return {
    type: toTypeUri(error.code),
    title,
    status,
    ...(error.message === '' ? {} : { detail: error.message }),
    code: error.code,
    traceId,
    ...(error.faults.length === 0 ? {} : { errors: error.faults }),
  };
};

const REALM = 'Bearer realm="user-service"';

/** RFC 6750 section 3.1; RFC 9110 section 15.5.2 asks for a challenge with every 401. */
const challenge = (code: ProblemCode, status: number): string | undefined => {
  if (code === 'TOKEN_INVALID') return `${REALM}, error="invalid_token"`;
  if (code === 'SCOPE_MISSING') return `${REALM}, error="insufficient_scope"`;
  return status === 401 ? REALM : undefined;
};

/** Headers that belong to the refusal, beside its body. */
export const problemHeaders = (error: KnownError): Record<string, string> => {
  const { status } = problemType(error.code);
  const wwwAuthenticate = challenge(error.code, status);
  const retryAfter = status === 503 || status === 429 ? Math.ceil(error.retryAfterSeconds ?? 1) : undefined;
  return {
    'content-type': PROBLEM_CONTENT_TYPE,
    'cache-control': 'no-store',
    ...(wwwAuthenticate === undefined ? {} : { 'www-authenticate': wwwAuthenticate }),
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  };
};
