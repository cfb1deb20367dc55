// The one error class that crosses rooms. Each domain room narrows `Code` to its own union;
// `http/problems/problem-types.ts` turns every code into an answer. Handle each error once, at the edge.

/** One fault in what a caller sent; `pointer` is a JSON Pointer (RFC 6901) into the body, e.g. `/email`. */
export type Fault = { readonly pointer: string; readonly detail: string };

export type ErrorDetails = {
  readonly cause?: unknown;
  readonly faults?: readonly Fault[];
  /** When a retry makes sense, in seconds; becomes `Retry-After`. */
  readonly retryAfterSeconds?: number;
};

/**
 * An error that a caller is expected to tell apart by its `code`.
 * The message is a constant sentence: it may be logged and shown, so it never carries a value.
 */
export class CodedError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly faults: readonly Fault[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: Code, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.faults = details.faults ?? [];
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** The `code` of an error of any library: Node.js, PostgreSQL, Fastify and `CodedError` all have one. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
