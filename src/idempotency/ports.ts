// A retried write must happen once and answer the same (draft-ietf-httpapi-idempotency-key-header). What is kept is the outcome
// of the use case, written in the transaction of its effect; the HTTP answer is made from it again.

/** How a call ended: its result as JSON text, or the code of a final error. 5xx and 429 are never kept. */
export type Outcome =
  | { readonly kind: 'done'; readonly json: string; readonly version: number }
  | { readonly kind: 'refused'; readonly code: string };

/** Who calls again: neither hash lets a reader of the table guess a key or a password. */
export type IdempotencyIdentity = {
  /** SHA-256 of operation and key, 32 bytes. */
  readonly keyHash: Buffer;
  /** HMAC-SHA-256 of the request under the key, 32 bytes: equal only for an equal request. */
  readonly fingerprint: Buffer;
};

export type IdempotentCall = IdempotencyIdentity & { readonly outcome: Outcome };

export type IdempotencyStore = {
  find(keyHash: Buffer): Promise<{ fingerprint: Buffer; outcome: Outcome } | undefined>;
  /** Keeps a final refusal. The first one written for a key stays. */
  keepRefusal(call: IdempotentCall): Promise<void>;
  /** Removes records older than `olderThanSeconds`, at most `limit`; the number removed. */
  purge(olderThanSeconds: number, limit: number): Promise<number>;
};

/** What a use case gave: kept as it is, and given again. */
export type Result = { readonly version: number; readonly json: string };

/**
 * Runs `work` once per key. Later calls with the same key and request get the first one's result or refusal.
 * `work` writes its outcome under `identity` in the transaction of its effect.
 * @throws IdempotencyError IDEMPOTENCY_KEY_REUSED when the key came with another request
 */
export type Idempotent = (
  call: {
    readonly operation: string;
    /** Undefined: the caller does not ask for it, and `work` just runs. */
    readonly key: string | undefined;
    readonly request: unknown;
    /** Which errors are final, and how to throw them again. */
    readonly refusals: {
      readonly toCode: (error: unknown) => string | undefined;
      readonly toError: (code: string) => Error;
    };
  },
  work: (identity?: IdempotencyIdentity) => Promise<Result>,
) => Promise<Result>;
