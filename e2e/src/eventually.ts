import { setTimeout as pause } from 'node:timers/promises';

const DEADLINE_MS = 15_000;
const EVERY_MS = 100;

/** Asks until `check` stops throwing, and gives its result; the last error is thrown when the deadline has passed. */
export const eventually = async <T>(check: () => Promise<T>): Promise<T> => {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
    }
    await pause(EVERY_MS);
  }
};
