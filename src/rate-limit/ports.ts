/** The decision of a rate limiter: remaining attempts, and the seconds to wait when there are none. */
export type LimitDecision = {
  readonly allowed: boolean;
  readonly remaining: number;
  readonly retryAfterSeconds: number;
};

/** A key of a limit. `factor` multiplies the limit: wider networks have wider limits. */
export type LimitKey = { readonly key: string; readonly factor: number };

/** Where a request comes from, as limits see it; client-address.ts makes it. */
export type Client = {
  /** An IPv4 address, or the /64 of an IPv6 address. */
  readonly address: string;
  /** What counts its requests, the widest network first: the address alone for IPv4; /48, /56 and /64 for IPv6. */
  readonly networks: readonly LimitKey[];
  /** The /24 of IPv4 or the /48 of IPv6: what one customer of a hosting company has without effort. */
  readonly neighbourhood: string;
};

/** Limits requests per client. Called on every request, so it decides synchronously. */
export type GeneralLimit = { take(keys: readonly LimitKey[]): LimitDecision };

type Eventually<T> = T | Promise<T>;

/** Counts attempts per key within a minute, across processes. Still decides when the shared store is down. */
export type AttemptLimit = {
  /** Counts one attempt unless `limit` are already counted. */
  take(key: string, limit: number): Eventually<LimitDecision>;
  /** Takes one attempt back, because it turned out not to be what the limit counts. */
  giveBack(key: string): Eventually<void>;
};

/** What the limit of guesses keeps. Every method works on one key, so that keys may be on different servers. */
export type LimitStore = AttemptLimit & {
  /**
   * Books the next free slot of `key`: slots are `spacingMs` apart, and none is booked that begins later than `maxWaitMs` from now.
   * @returns the time until the next free slot, and whether it was booked
   */
  book(key: string, spacingMs: number, maxWaitMs: number): Eventually<{ booked: boolean; waitMs: number }>;
  /** Adds `member` to the set `key` for `ttlMs`. The set keeps its newest `max` members. */
  remember(key: string, member: string, ttlMs: number, max: number): Eventually<void>;
  /** Whether `member` was added less than `ttlMs` ago. */
  remembers(key: string, member: string, ttlMs: number): Eventually<boolean>;
  /** Deletes the set. */
  forget(key: string): Eventually<void>;
};

/** Whose turn it is for a slow piece of work; resilience/bounded-concurrency.ts shares its capacity by it. */
export type Turn = { readonly key: string; readonly preferred: boolean };

/** Resolves with undefined when the secret was wrong. */
type Verify<T> = (turn: Turn) => Promise<T | undefined>;

/** Bounds guesses of passwords. A guess is counted before `verify` runs, and taken back unless it was wrong. */
export type GuessLimit = {
  /**
   * A sign-in, by anybody.
   * @param account the user's id, or the normal form of the login when there is no such user
   * @throws LimitError RATE_LIMITED
   */
  signIn<T>(account: string, client: Client, verify: Verify<T>): Promise<T | undefined>;
  /**
   * The password of a user who is already authenticated, e.g. to change it.
   * @throws LimitError RATE_LIMITED
   */
  byUser<T>(userId: string, client: Client, verify: Verify<T>): Promise<T | undefined>;
  /** Deletes what is remembered about an account. */
  forget(account: string): Promise<void>;
};
