type Options = {
  /** How long the circuit stays open before a trial call is allowed. */
  readonly openMs: number;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
};

/** Closed, it allows every call. A failure opens it: then it allows one trial call per `openMs`, until one succeeds and closes it. */
export const makeCircuitBreaker = ({ openMs, now = () => performance.now() }: Options) => {
  let nextTrialAt: number | undefined;

  return {
    /** Whether to make the call. While the circuit is open, the first caller that gets true makes the trial call. */
    allows: (): boolean => {
      if (nextTrialAt === undefined) return true;
      if (now() < nextTrialAt) return false;
      nextTrialAt = now() + openMs;
      return true;
    },
    succeeded: (): void => {
      nextTrialAt = undefined;
    },
    failed: (): void => {
      nextTrialAt = now() + openMs;
    },
  };
};
