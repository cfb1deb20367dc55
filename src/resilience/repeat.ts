type Repeat = {
  readonly everyMs: number;
  readonly work: () => Promise<unknown>;
  /** Told when `work` fails; the next round comes all the same. */
  readonly onError: (error: unknown) => void;
};

/** Work that is done again and again, never twice at a time, and does not hold the process. */
export const makeRepeat = ({ everyMs, work, onError }: Repeat) => {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let closed = false;

  const plan = (): void => {
    if (!closed) timer = setTimeout(round, everyMs).unref();
  };
  const round = (): void => {
    running = work().catch(onError).then(plan);
  };

  return {
    start: plan,
    /** Resolves when the round under way has ended. */
    close: async (): Promise<void> => {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
};
