/** A wait that can be ended early. A call without a current wait ends the next one. */
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
