import { CodedError } from '../errors/coded-error.ts';

/** Errors of HTTP itself: a request that no use case sees, or a failure while serving it. */
export type HttpErrorCode =
  | 'REQUEST_MALFORMED' // not HTTP, or a target that can not be decoded
  | 'BODY_UNREADABLE' // not JSON in UTF-8, or cut off
  | 'REQUEST_INVALID' // readable, but of the wrong shape
  | 'HEADER_INVALID'
  | 'HEADER_DUPLICATED' // a header that changes the meaning of the request was sent twice: proxies and servers pick different ones
  | 'ROUTE_NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'REQUEST_TIMEOUT' // the body did not arrive in time
  | 'BODY_TOO_LARGE'
  | 'URI_TOO_LONG'
  | 'CONTENT_TYPE_UNSUPPORTED'
  | 'EXPECTATION_FAILED' // `Expect` with anything but 100-continue
  | 'PRECONDITION_REQUIRED'
  | 'RATE_LIMITED'
  | 'HEADERS_TOO_LARGE'
  | 'OVERLOADED' // the event loop is overloaded, the request was rejected at once
  | 'DEADLINE_EXCEEDED' // served too slowly, aborted
  | 'INTERNAL';

/** A response names at most this many invalid fields, and a request is not searched for more. */
export const MAX_FAULTS = 20;

export class HttpError extends CodedError<HttpErrorCode> {}
