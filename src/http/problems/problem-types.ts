// Every error code that can leave the service, and the response it becomes. `satisfies` keeps it complete: a new code does not
// compile until it has a row here. Rows are public: a status or title may be changed only as an API change.

import type { AuthErrorCode } from '../../auth/errors.ts';
import type { UnavailableCode } from '../../errors/unavailable.ts';
import type { IdempotencyErrorCode } from '../../idempotency/errors.ts';
import type { OrderErrorCode } from '../../orders/errors.ts';
import type { UserErrorCode } from '../../users/errors.ts';
import type { HttpErrorCode } from '../errors.ts';
import { HTTP_PROBLEM_TYPES } from './http-problem-types.ts';
import type { ProblemType } from './problem.ts';

type DomainErrorCode = UserErrorCode | OrderErrorCode | AuthErrorCode | IdempotencyErrorCode | UnavailableCode;

export type ProblemCode = HttpErrorCode | DomainErrorCode;

const DOMAIN_PROBLEM_TYPES = {
  USER_INPUT_INVALID: { status: 400, title: 'Invalid input', remedy: 'Correct every field that `errors` names.' },
  ORDER_INPUT_INVALID: { status: 400, title: 'Invalid input', remedy: 'Correct every field that `errors` names.' },
  PASSWORD_UNACCEPTABLE: {
    status: 400,
    title: 'Password unacceptable',
    remedy: 'Choose 15 to 128 characters that are hard to guess.',
  },
  TOKEN_MISSING: { status: 401, title: 'No access token', remedy: 'Send `Authorization: Bearer <access token>`.' },
  TOKEN_INVALID: {
    status: 401,
    title: 'Access token rejected',
    remedy: 'Refresh the session or log in again.',
    bearerError: 'invalid_token',
  },
  REAUTHENTICATION_REQUIRED: {
    status: 401,
    title: 'Password required again',
    remedy: 'Send the password to `reauthenticate`, and repeat the call with the access token that it returns.',
    bearerError: 'insufficient_user_authentication',
  },
  CREDENTIALS_WRONG: { status: 401, title: 'Wrong credentials', remedy: 'Check login and password.' },
  CLIENT_CREDENTIALS_WRONG: { status: 401, title: 'Wrong client credentials', remedy: 'Check client id and secret.' },
  REFRESH_TOKEN_INVALID: {
    status: 401,
    title: 'Refresh token rejected',
    remedy: 'Log in again. A refresh token works once.',
  },
  SCOPE_MISSING: {
    status: 403,
    title: 'Scope missing',
    remedy: 'Use a token that has the scope of this operation.',
    bearerError: 'insufficient_scope',
  },
  ORDER_NEEDS_USER: {
    status: 403,
    title: 'Only for users',
    remedy: 'Use the token of a user: a service has no orders.',
  },
  SESSION_REQUIRED: {
    status: 403,
    title: 'Only for users',
    remedy: 'Use the token of a user: a service has no session.',
  },
  PASSWORD_WRONG: { status: 403, title: 'Wrong password', remedy: 'Send the password that is valid now.' },
  USER_NOT_FOUND: { status: 404, title: 'No such user', remedy: 'There is no such user, or it is not yours to see.' },
  ORDER_NOT_FOUND: {
    status: 404,
    title: 'No such order',
    remedy: 'There is no such order, or it is not yours to see.',
  },
  USERNAME_TAKEN: { status: 409, title: 'Username taken', remedy: 'Choose another username.' },
  EMAIL_TAKEN: { status: 409, title: 'E-mail address taken', remedy: 'Use another address, or log in.' },
  IDEMPOTENCY_KEY_IN_USE: { status: 409, title: 'Call in progress', remedy: 'Send the same call again in a moment.' },
  USER_VERSION_STALE: { status: 412, title: 'Version outdated', remedy: 'Read the user again and use its new ETag.' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'Idempotency key reused', remedy: 'Use a new key for a new request.' },
  HASHING_BUSY: { status: 503, title: 'Busy', remedy: 'Try again after `Retry-After`.' },
  PAYMENT_UNAVAILABLE: { status: 503, title: 'Temporarily unavailable', remedy: 'Try again after `Retry-After`.' },
  ORDERS_PAUSED: {
    status: 503,
    title: 'Orders paused',
    remedy: 'Send the same order again, with the same `Idempotency-Key`, after `Retry-After`.',
  },
  STORE_UNAVAILABLE: { status: 503, title: 'Temporarily unavailable', remedy: 'Try again after `Retry-After`.' },
  STORE_TIMEOUT: { status: 503, title: 'Temporarily unavailable', remedy: 'Try again after `Retry-After`.' },
} as const satisfies Record<DomainErrorCode, ProblemType>;

export const PROBLEM_TYPES = { ...HTTP_PROBLEM_TYPES, ...DOMAIN_PROBLEM_TYPES } satisfies Record<
  ProblemCode,
  ProblemType
>;

// eslint-disable-next-line security/detect-object-injection -- only names of the table compile
export const problemType = (code: ProblemCode): ProblemType => PROBLEM_TYPES[code];
