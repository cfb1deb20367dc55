import { setTimeout as pause } from 'node:timers/promises';

/**
 * Calls `check` until it stops throwing and gives its result; the last error is thrown when the deadline has passed.
 * @param options deadlineMs 5000 and everyMs 20 unless told otherwise.
 */
export const eventually = async <T>(
  check: () => T | Promise<T>,
  { deadlineMs = 5000, everyMs = 20 }: { deadlineMs?: number; everyMs?: number } = {},
): Promise<T> => {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
    }
    await pause(everyMs);
  }
};
