type Bounds = {
  readonly firstMs: number;
  readonly maxMs: number;
  /** 0 ≤ x < 1. */
  readonly random?: () => number;
};

/**
 * The delay before the next attempt, in ms. It doubles with each failed attempt up to `maxMs`, and each delay is random within its upper half,
 * so that clients that failed together do not retry together: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 * @param attempt the number of the attempt that failed; the first is 1
 */
export const backoffMs = (attempt: number, { firstMs, maxMs, random = Math.random }: Bounds): number => {
  const longestMs = Math.min(maxMs, firstMs * 2 ** (attempt - 1));
  return Math.round(longestMs * (0.5 + random() / 2));
};

/** Counts the attempts, for a loop that retries until it succeeds. */
export const makeBackoff = (bounds: Bounds) => {
  let attempt = 0;
  return {
    /** The number of the attempt that failed, and the delay before the next one. */
    next: (): { attempt: number; retryInMs: number } => {
      attempt += 1;
      return { attempt, retryInMs: backoffMs(attempt, bounds) };
    },
    reset: (): void => {
      attempt = 0;
    },
  };
};
