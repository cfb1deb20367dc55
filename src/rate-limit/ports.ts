/** The decision of a limiter: how many attempts are left, and how long to wait when none is. */
export type LimitDecision = {
  readonly allowed: boolean;
  readonly remaining: number;
  readonly retryAfterSeconds: number;
};

/** Paces requests per key. Called on every request, so it decides synchronously. */
export type GeneralLimit = { take(key: string): LimitDecision };

/** Bounds attempts per key (client address, login). Decides even when the store that processes share is down. */
export type AttemptLimit = { take(key: string): LimitDecision | Promise<LimitDecision> };
