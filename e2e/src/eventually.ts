import { setTimeout as pause } from 'node:timers/promises';

const DEADLINE_MS = 15_000;
const INTERVAL_MS = 100;

/** Repeats `check` until it does not throw and returns its result. Throws the last error when the deadline has passed. */
export const eventually = async <T>(check: () => Promise<T>): Promise<T> => {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
    }
    await pause(INTERVAL_MS);
  }
};
