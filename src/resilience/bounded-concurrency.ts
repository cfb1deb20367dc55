type Options = {
  readonly concurrency: number;
  /** How many calls may wait, in order of arrival. */
  readonly queueLimit: number;
  /** The error for a call that finds the queue full. */
  readonly onFull: () => Error;
};

/** Runs at most `concurrency` calls at a time, queues up to `queueLimit` more, and rejects the rest. */
export const makeBoundedConcurrency = ({ concurrency, queueLimit, onFull }: Options) => {
  const queue: (() => void)[] = [];
  let running = 0;

  const acquire = async (): Promise<void> => {
    if (running < concurrency) {
      running += 1;
      return;
    }
    if (queue.length >= queueLimit) throw onFull();
    // `release` passes its slot on to this call, so `running` does not change
    await new Promise<void>((resolve) => queue.push(resolve));
  };
  const release = (): void => {
    const next = queue.shift();
    if (next === undefined) running -= 1;
    else next();
  };

  return {
    run: async <T>(work: () => Promise<T>): Promise<T> => {
      await acquire();
      return work().finally(release);
    },
    load: (): { running: number; waiting: number } => ({ running, waiting: queue.length }),
  };
};
