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
