/** Runs at most `concurrency` pieces of work at a time; `queueLimit` more may wait, in order of arrival, and the next one is refused. */
export const makeBoundedConcurrency = (options: { concurrency: number; queueLimit: number; refuse: () => Error }) => {
  const { concurrency, queueLimit, refuse } = options;
  const waiting: (() => void)[] = [];
  let running = 0;

  const enter = async (): Promise<void> => {
    if (running < concurrency) {
      running += 1;
      return;
    }
    if (waiting.length >= queueLimit) throw refuse();
    // whoever leaves hands its place over, so `running` stays as it is
    await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  };

  return {
    run: async <T>(work: () => Promise<T>): Promise<T> => {
      await enter();
      return work().finally(leave);
    },
    load: (): { running: number; waiting: number } => ({ running, waiting: waiting.length }),
  };
};
