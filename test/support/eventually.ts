import { setTimeout as pause } from 'node:timers/promises';

export type Patience = { readonly deadlineMs?: number; readonly everyMs?: number; readonly signal?: AbortSignal };

/**
 * Calls `check` until it stops throwing, and returns its result. Throws its last error after the deadline.
 * @param options default: deadlineMs 5000, everyMs 20; `signal` ends the wait with its reason
 */
export const eventually = async <T>(
  check: () => T | Promise<T>,
  { deadlineMs = 5000, everyMs = 20, signal }: Patience = {},
): Promise<T> => {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
    }
    await pause(everyMs, undefined, { ...(signal && { signal }) });
  }
};
