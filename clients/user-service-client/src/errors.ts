// The errors of a call. `operation` is the operationId. No error contains a request body, token or request header.

import type { components } from './generated/api-types.ts';

export type Problem = components['schemas']['Problem'];

type Details = { readonly operation: string; readonly cause?: unknown };

/** Base class of all errors of the client. */
export class UserServiceError extends Error {
  readonly operation: string;

  constructor(message: string, { operation, cause }: Details) {
    super(`${operation}: ${message}`, { cause });
    this.name = new.target.name;
    this.operation = operation;
  }
}

type ResponseDetails = { readonly status: number; readonly retryAfterSeconds: number | undefined };

/** The service returned a problem document (RFC 9457): `problem.code` is for programs, `problem.traceId` for the operators of the service. */
export class ProblemError extends UserServiceError {
  readonly status: number;
  readonly problem: Problem;
  readonly retryAfterSeconds: number | undefined;

  constructor(problem: Problem, { status, retryAfterSeconds, ...details }: Details & ResponseDetails) {
    super(`${status} ${problem.code}`, details);
    this.status = status;
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No complete response within `timeoutMs`, including retries and delays. The request may have been processed. */
export class TimeoutError extends UserServiceError {}

/** The connection failed, or closed before the response was complete. The request may have been processed. */
export class UnreachableError extends UserServiceError {}

/** A response that the OpenAPI document does not define: not JSON, an undocumented status, an error page of a proxy. */
export class UnexpectedResponseError extends UserServiceError {
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, { status, retryAfterSeconds, ...details }: Details & ResponseDetails) {
    super(`${message} (status ${status})`, details);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
