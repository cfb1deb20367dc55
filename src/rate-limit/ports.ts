/** The decision of a rate limiter: remaining attempts, and the seconds to wait when there are none. */
export type LimitDecision = {
  readonly allowed: boolean;
  readonly remaining: number;
  readonly retryAfterSeconds: number;
};

/** Limits requests per key. Called on every request, so it decides synchronously. */
export type GeneralLimit = { take(key: string): LimitDecision };

/** Limits attempts per key (client address, login) across processes. Still decides when the shared store is down. */
export type AttemptLimit = { take(key: string): LimitDecision | Promise<LimitDecision> };
