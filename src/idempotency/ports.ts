// A retried write happens once and gets the same response (draft-ietf-httpapi-idempotency-key-header). The stored outcome is that of the use case,
// written in the transaction of its effect; each retry builds its HTTP response from it.

/** The result of a use case: the id of the resource, and its representation. */
export type Result = { readonly id: string; readonly version: number; readonly json: string };

/** How a call ended: its result, or the code of a final error. 5xx and 429 are never stored. */
export type Outcome = ({ readonly kind: 'done' } & Result) | { readonly kind: 'refused'; readonly code: string };

/** Identifies a retry. Neither hash reveals a key or a password to a reader of the table. */
export type IdempotencyIdentity = {
  /** SHA-256 of operation and key, 32 bytes. */
  readonly keyHash: Buffer;
  /** HMAC-SHA-256 of the request under the key, 32 bytes: equal only for an equal request. */
  readonly fingerprint: Buffer;
};

export type IdempotentCall = IdempotencyIdentity & { readonly outcome: Outcome };

export type IdempotencyStore = {
  find(keyHash: Buffer): Promise<{ fingerprint: Buffer; outcome: Outcome } | undefined>;
  /** Stores a final error. The first outcome of a key is kept. */
  saveFinalError(call: IdempotentCall): Promise<void>;
  /** Deletes at most `limit` records older than `olderThanSeconds`. Returns the number deleted. */
  purge(olderThanSeconds: number, limit: number): Promise<number>;
};

/** Which errors are final, and how to throw them again. */
export type FinalErrors = {
  readonly toCode: (error: unknown) => string | undefined;
  readonly toError: (code: string) => Error;
};

/**
 * Runs `work` once per key. Later calls with the same key and request get the first one's result or final error.
 * `work` writes its outcome under `identity` in the transaction of its effect.
 * @throws IdempotencyError IDEMPOTENCY_KEY_REUSED when the key was used with another request
 */
export type Idempotent = (
  call: {
    readonly operation: string;
    /** Undefined when idempotency was not requested: `work` runs directly. */
    readonly key: string | undefined;
    readonly request: unknown;
    /** Default: no error is final. */
    readonly finalErrors?: FinalErrors;
  },
  work: (identity?: IdempotencyIdentity) => Promise<Result>,
) => Promise<Result>;
