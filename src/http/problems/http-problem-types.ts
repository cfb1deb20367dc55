// The problem types of HTTP itself: what any server of this service can respond with, whatever it serves.

import type { HttpErrorCode } from '../errors.ts';
import type { ProblemType } from './problem.ts';

export const HTTP_PROBLEM_TYPES = {
  REQUEST_MALFORMED: {
    status: 400,
    title: 'Malformed request',
    remedy: 'Send a valid HTTP request with a decodable path.',
  },
  BODY_UNREADABLE: { status: 400, title: 'Unreadable body', remedy: 'Send one JSON value, encoded in UTF-8.' },
  REQUEST_INVALID: { status: 400, title: 'Invalid request', remedy: 'Correct every field that `errors` names.' },
  HEADER_INVALID: { status: 400, title: 'Invalid header', remedy: 'Correct the header that `detail` names.' },
  HEADER_DUPLICATED: { status: 400, title: 'Duplicate header', remedy: 'Send the header that `detail` names once.' },
  ROUTE_NOT_FOUND: { status: 404, title: 'No such route', remedy: 'See /openapi.json for the routes.' },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'Method not allowed',
    remedy: 'Use a method that the `Allow` header names.',
  },
  REQUEST_TIMEOUT: { status: 408, title: 'Request timeout', remedy: 'Send the whole request at once.' },
  BODY_TOO_LARGE: { status: 413, title: 'Body too large', remedy: 'Send a smaller body.' },
  URI_TOO_LONG: { status: 414, title: 'URI too long', remedy: 'Send a shorter path and query.' },
  CONTENT_TYPE_UNSUPPORTED: {
    status: 415,
    title: 'Unsupported content type',
    remedy: 'Send `Content-Type: application/json`.',
  },
  EXPECTATION_FAILED: { status: 417, title: 'Expectation failed', remedy: 'Send `Expect: 100-continue`, or none.' },
  PRECONDITION_REQUIRED: {
    status: 428,
    title: 'If-Match required',
    remedy: 'Send the ETag of the version that you read as `If-Match`.',
  },
  RATE_LIMITED: { status: 429, title: 'Too many requests', remedy: 'Wait for as long as `Retry-After` says.' },
  HEADERS_TOO_LARGE: { status: 431, title: 'Headers too large', remedy: 'Send fewer or shorter headers.' },
  INTERNAL: { status: 500, title: 'Internal error', remedy: 'Report the `traceId` when it happens again.' },
  OVERLOADED: { status: 503, title: 'Overloaded', remedy: 'Try again after `Retry-After`.' },
  DEADLINE_EXCEEDED: { status: 503, title: 'Deadline exceeded', remedy: 'Try again after `Retry-After`.' },
} as const satisfies Record<HttpErrorCode, ProblemType>;
