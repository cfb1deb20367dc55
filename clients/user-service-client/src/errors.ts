// Everything that a call can fail with. `operation` is the operationId; nothing here holds a body, a token or a header that was sent.

import type { components } from './generated/api-types.ts';

export type Problem = components['schemas']['Problem'];

type Details = { readonly operation: string; readonly cause?: unknown };

/** All of them at once, for `instanceof`. */
export class UserServiceError extends Error {
  readonly operation: string;

  constructor(message: string, { operation, cause }: Details) {
    super(`${operation}: ${message}`, { cause });
    this.name = new.target.name;
    this.operation = operation;
  }
}

type Refusal = { readonly status: number; readonly retryAfterSeconds: number | undefined };

/** The service refused, and said why: `problem.code` is for programs, `problem.traceId` for its operators (RFC 9457). */
export class ProblemError extends UserServiceError {
  readonly status: number;
  readonly problem: Problem;
  readonly retryAfterSeconds: number | undefined;

  constructor(problem: Problem, { status, retryAfterSeconds, ...details }: Details & Refusal) {
    super(`${status} ${problem.code}`, details);
    this.status = status;
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No whole answer within `timeoutMs`, tries and waits included. Whether the service did something is not known. */
export class TimeoutError extends UserServiceError {}

/** No connection, or it ended before the answer did. Whether the service did something is not known. */
export class UnreachableError extends UserServiceError {}

/** An answer that is none of those that the document promises: not JSON, another status, a proxy's page. */
export class UnreadableAnswerError extends UserServiceError {
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, { status, retryAfterSeconds, ...details }: Details & Refusal) {
    super(`${message} (status ${status})`, details);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
