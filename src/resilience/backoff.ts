type Options = {
  readonly firstMs: number;
  readonly maxMs: number;
  /** 0 ≤ x < 1. */
  readonly random?: () => number;
};

/**
 * Waits that double up to a limit, each anywhere in its upper half, so that many who failed together don't come back together:
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export const makeBackoff = ({ firstMs, maxMs, random = Math.random }: Options) => {
  let attempt = 0;
  return {
    /** The next wait in ms, and the number of the attempt that failed before it. */
    next: (): { attempt: number; retryInMs: number } => {
      const fullMs = Math.min(maxMs, firstMs * 2 ** attempt);
      attempt += 1;
      return { attempt, retryInMs: Math.round(fullMs * (0.5 + random() / 2)) };
    },
    reset: (): void => {
      attempt = 0;
    },
  };
};
