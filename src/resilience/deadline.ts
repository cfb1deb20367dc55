/**
 * A deadline around a client that may never settle. The work itself goes on; what it comes to is dropped.
 * @param timeoutMs none left: rejects at once
 * @param signal ends the wait earlier
 */
export const withDeadline = async <T>(timeoutMs: number, work: Promise<T>, signal?: AbortSignal): Promise<T> => {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => {
    reject(new Error(signal?.aborted ? 'closed meanwhile' : 'the deadline has passed'));
  };
  const timer = setTimeout(giveUp, Math.max(timeoutMs, 0));
  signal?.addEventListener('abort', giveUp);
  if (signal?.aborted) giveUp();
  work.catch(() => undefined);
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
};
