type Repeat = {
  readonly everyMs: number;
  readonly work: () => Promise<unknown>;
  /** Called when `work` fails; the next run follows as usual. */
  readonly onError: (error: unknown) => void;
};

/** Runs work periodically: never two runs at a time, and `everyMs` between the end of one and the start of the next. Does not keep the process alive. */
export const makeRepeat = ({ everyMs, work, onError }: Repeat) => {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let closed = false;

  const schedule = (): void => {
    if (!closed) timer = setTimeout(() => void run(), everyMs).unref();
  };
  const run = (): Promise<unknown> => {
    running = work().catch(onError).then(schedule);
    return running;
  };

  return {
    /** The first run starts after `everyMs`. */
    start: schedule,
    /** The first run starts at once; resolves when it has ended, also when it failed. */
    startNow: async (): Promise<void> => {
      await run();
    },
    /** Resolves when the current run has ended. */
    close: async (): Promise<void> => {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
};
