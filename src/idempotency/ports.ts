// A retried write happens once (draft-ietf-httpapi-idempotency-key-header). What is stored says which resource a key has created, in the
// transaction that created it, and nothing of the request or the response: docs/adr/0010.

/** The resource that a call created, with its version at that time. */
export type Outcome = { readonly id: string; readonly version: number };

/** `closed`: a caller with this key did not know the secret of the first request. */
export type StoredCall = { readonly kind: 'done'; readonly outcome: Outcome } | { readonly kind: 'closed' };

export type IdempotencyStore = {
  /** @param keyHash SHA-256 of operation and key, 32 bytes */
  find(keyHash: Buffer): Promise<StoredCall | undefined>;
  /** Refuses the key from now on. */
  close(keyHash: Buffer): Promise<void>;
};

/** For a request that is not that of the key's first call. Both give the error to throw, IDEMPOTENCY_KEY_REUSED. */
export type Refusal = {
  reused(): Error;
  /** Also refuses the key from now on: for a wrong secret, so that nobody can try others. */
  closed(): Promise<Error>;
};

export type Call<Result> = {
  readonly operation: string;
  /** Undefined when idempotency was not requested: `work` runs directly. */
  readonly key: string | undefined;
  readonly request: unknown;
  /** Writes `keyHash` with the resource in the transaction of its effect. */
  readonly work: (keyHash?: Buffer) => Promise<Result>;
  /**
   * Builds the result from the stored resource, or returns undefined when that is gone, so that `work` runs.
   * Throws a refusal when the resource does not come from this request.
   */
  readonly replay: (outcome: Outcome, refusal: Refusal) => Promise<Result | undefined>;
};

/**
 * Runs `work` once per key, and `replay` for later calls. Errors are not stored: a call that failed had no effect and may be repeated.
 * @throws IdempotencyError IDEMPOTENCY_KEY_REUSED when the key was used with another request
 */
export type Idempotent = <Result extends object>(call: Call<Result>) => Promise<Result>;
