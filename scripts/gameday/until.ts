import { setTimeout as pause } from 'node:timers/promises';

const EVERY_MS = 250;

export type Patience = {
  readonly deadlineMs: number;
  /** Ends the wait with the reason of the signal. */
  readonly signal: AbortSignal;
};

/** Calls `check` until it stops throwing. @returns its result. @throws its last error after the deadline */
export const until = async <T>(check: () => T | Promise<T>, { deadlineMs, signal }: Patience): Promise<T> => {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
    }
    await pause(EVERY_MS, undefined, { signal });
  }
};
