import { setTimeout as pause } from 'node:timers/promises';

/**
 * Calls `check` until it stops throwing, and returns its result. Throws its last error after the deadline.
 * @param options default: deadlineMs 5000, everyMs 20
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
