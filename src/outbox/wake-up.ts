/** One that waits, and others that may end its wait early. A call that comes while nobody waits is kept for the next wait. */
export const makeWakeUp = () => {
  let called = false;
  let wake: (() => void) | undefined;
  return {
    call: (): void => {
      called = true;
      wake?.();
    },
    /** Resolves after `ms`, or at the next call. */
    wait: (ms: number): Promise<void> =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          wake = undefined;
          called = false;
          resolve();
        };
        const timer = setTimeout(done, ms);
        wake = done;
        if (called) done();
      }),
  };
};

export type WakeUp = ReturnType<typeof makeWakeUp>;
