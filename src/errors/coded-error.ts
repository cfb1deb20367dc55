// The base class of errors that cross module boundaries. Each domain module narrows `Code` to its own union;
// `http/problems/problem-types.ts` maps every code to a response. Handle each error once, at the edge.

/** One invalid value in a request; `pointer` is a JSON Pointer (RFC 6901) into the body, e.g. `/email`. */
export type Fault = { readonly pointer: string; readonly detail: string };

export type ErrorDetails = {
  readonly cause?: unknown;
  readonly faults?: readonly Fault[];
  /** Seconds to wait before a retry; sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** The longest accepted age of an authentication in seconds; sent as `max_age` of the challenge (RFC 9470). */
  readonly maxAgeSeconds?: number;
};

/**
 * An error that callers distinguish by its `code`.
 * The message is a constant sentence: it is logged and sent to callers, so it never contains a value.
 */
export class CodedError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly faults: readonly Fault[];
  readonly retryAfterSeconds: number | undefined;
  readonly maxAgeSeconds: number | undefined;

  constructor(code: Code, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.faults = details.faults ?? [];
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.maxAgeSeconds = details.maxAgeSeconds;
  }
}

/** The `code` of an error: those of Node.js, PostgreSQL, Fastify and `CodedError` have one. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
