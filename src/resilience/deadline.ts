/**
 * Puts a deadline around work that may never settle. The work itself continues; its result is dropped.
 * @param timeoutMs rejects at once when zero or negative
 * @param signal rejects when aborted
 */
export const withDeadline = async <T>(timeoutMs: number, work: Promise<T>, signal?: AbortSignal): Promise<T> => {
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const expire = (): void => {
    reject(new Error(signal?.aborted ? 'aborted' : 'deadline exceeded'));
  };
  const timer = setTimeout(expire, Math.max(timeoutMs, 0));
  signal?.addEventListener('abort', expire);
  if (signal?.aborted) expire();
  work.catch(() => undefined);
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', expire);
  }
};
