// Every error code that can leave the service, and the answer it becomes. `satisfies` keeps it complete: a new code does not
// compile until it has a row here. Rows are public: a status or title may be changed only as an API change.

import type { AuthErrorCode } from '../../auth/errors.ts';
import type { UnavailableCode } from '../../errors/unavailable.ts';
import type { IdempotencyErrorCode } from '../../idempotency/errors.ts';
import type { OrderErrorCode } from '../../orders/errors.ts';
import type { UserErrorCode } from '../../users/errors.ts';
import type { HttpErrorCode } from '../errors.ts';

export type ProblemCode =
  HttpErrorCode | UserErrorCode | OrderErrorCode | AuthErrorCode | IdempotencyErrorCode | UnavailableCode;

/** `remedy` tells the caller what to do about it; it is shown at the problem's `type`. */
export type ProblemType = { readonly status: number; readonly title: string; readonly remedy: string };

export const PROBLEM_TYPES = {
  REQUEST_MALFORMED: {
    status: 400,
    title: 'Malformed request',
    remedy: 'Send a valid HTTP request with a decodable path.',
  },
  BODY_UNREADABLE: { status: 400, title: 'Unreadable body', remedy: 'Send one JSON value, encoded in UTF-8.' },
  REQUEST_INVALID: { status: 400, title: 'Invalid request', remedy: 'Correct every field that `errors` names.' },
  USER_INPUT_INVALID: { status: 400, title: 'Invalid input', remedy: 'Correct every field that `errors` names.' },
  ORDER_INPUT_INVALID: { status: 400, title: 'Invalid input', remedy: 'Correct every field that `errors` names.' },
  PASSWORD_UNACCEPTABLE: {
    status: 400,
    title: 'Password unacceptable',
    remedy: 'Choose 15 to 128 characters that are hard to guess.',
  },
  HEADER_INVALID: { status: 400, title: 'Invalid header', remedy: 'Correct the header that `detail` names.' },
  HEADER_DUPLICATED: { status: 400, title: 'Duplicate header', remedy: 'Send the header that `detail` names once.' },

  TOKEN_MISSING: { status: 401, title: 'No access token', remedy: 'Send `Authorization: Bearer <access token>`.' },
  TOKEN_INVALID: { status: 401, title: 'Access token refused', remedy: 'Refresh the session or log in again.' },
  CREDENTIALS_WRONG: { status: 401, title: 'Wrong credentials', remedy: 'Check login and password.' },
  CLIENT_CREDENTIALS_WRONG: { status: 401, title: 'Wrong client credentials', remedy: 'Check client id and secret.' },
  REFRESH_TOKEN_INVALID: {
    status: 401,
    title: 'Refresh token refused',
    remedy: 'Log in again. A refresh token works once.',
  },
  SCOPE_MISSING: { status: 403, title: 'Scope missing', remedy: 'Use a token that has the scope of this operation.' },
  ORDER_NEEDS_USER: {
    status: 403,
    title: 'Only for users',
    remedy: 'Use the token of a user: a service has no orders.',
  },
  PASSWORD_WRONG: { status: 403, title: 'Wrong old password', remedy: 'Send the password that is valid now.' },

  ROUTE_NOT_FOUND: { status: 404, title: 'No such route', remedy: 'See /openapi.json for the routes.' },
  USER_NOT_FOUND: { status: 404, title: 'No such user', remedy: 'There is no such user, or it is not yours to see.' },
  ORDER_NOT_FOUND: {
    status: 404,
    title: 'No such order',
    remedy: 'There is no such order, or it is not yours to see.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'Method not allowed',
    remedy: 'Use a method that the `Allow` header names.',
  },
  REQUEST_TIMEOUT: { status: 408, title: 'Request too slow', remedy: 'Send the whole request at once.' },
  USERNAME_TAKEN: { status: 409, title: 'Username taken', remedy: 'Choose another username.' },
  EMAIL_TAKEN: { status: 409, title: 'E-mail address taken', remedy: 'Use another address, or log in.' },
  IDEMPOTENCY_KEY_IN_USE: { status: 409, title: 'Call in progress', remedy: 'Send the same call again in a moment.' },
  USER_VERSION_STALE: { status: 412, title: 'Version outdated', remedy: 'Read the user again and use its new ETag.' },

  BODY_TOO_LARGE: { status: 413, title: 'Body too large', remedy: 'Send a smaller body.' },
  URI_TOO_LONG: { status: 414, title: 'Address too long', remedy: 'Send a shorter path and query.' },
  CONTENT_TYPE_UNSUPPORTED: {
    status: 415,
    title: 'Unsupported content type',
    remedy: 'Send `Content-Type: application/json`.',
  },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'Idempotency key reused', remedy: 'Use a new key for a new request.' },
  PRECONDITION_REQUIRED: {
    status: 428,
    title: 'If-Match required',
    remedy: 'Send the ETag of the version that you read as `If-Match`.',
  },
  RATE_LIMITED: { status: 429, title: 'Too many requests', remedy: 'Wait for as long as `Retry-After` says.' },
  HEADERS_TOO_LARGE: { status: 431, title: 'Headers too large', remedy: 'Send fewer or shorter headers.' },

  INTERNAL: { status: 500, title: 'Internal error', remedy: 'Report the `traceId` when it happens again.' },
  HASHING_BUSY: { status: 503, title: 'Busy', remedy: 'Try again after `Retry-After`.' },
  PAYMENT_UNAVAILABLE: { status: 503, title: 'Temporarily unavailable', remedy: 'Try again after `Retry-After`.' },
  STORE_UNAVAILABLE: { status: 503, title: 'Temporarily unavailable', remedy: 'Try again after `Retry-After`.' },
  STORE_TIMEOUT: { status: 503, title: 'Temporarily unavailable', remedy: 'Try again after `Retry-After`.' },
  DEADLINE_EXCEEDED: { status: 503, title: 'Deadline exceeded', remedy: 'Try again after `Retry-After`.' },
} as const satisfies Record<ProblemCode, ProblemType>;

/** `USER_NOT_FOUND` → `user-not-found`, its place below /problems. */
export const toSlug = (code: string): string => code.toLowerCase().replaceAll('_', '-');

/** RFC 9457 section 3.1.1: a URI reference that leads to a description; routes/problem-pages.ts serves it. */
export const toTypeUri = (code: string): string => `/problems/${toSlug(code)}`;

// eslint-disable-next-line security/detect-object-injection -- only names of the table compile
export const problemType = (code: ProblemCode): ProblemType => PROBLEM_TYPES[code];

export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(PROBLEM_TYPES, code);
