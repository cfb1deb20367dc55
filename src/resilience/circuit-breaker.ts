type Options = {
  readonly pauseMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
};

/** Lets everything pass until something fails; then one attempt per pause, until one succeeds. */
export const makeCircuitBreaker = ({ pauseMs, now = () => performance.now() }: Options) => {
  let nextAttemptAt: number | undefined;

  return {
    /** Whether to try now. While pausing, the first true takes the attempt: the callers after it are told to wait. */
    admits: (): boolean => {
      if (nextAttemptAt === undefined) return true;
      if (now() < nextAttemptAt) return false;
      nextAttemptAt = now() + pauseMs;
      return true;
    },
    succeeded: (): void => {
      nextAttemptAt = undefined;
    },
    failed: (): void => {
      nextAttemptAt = now() + pauseMs;
    },
  };
};
