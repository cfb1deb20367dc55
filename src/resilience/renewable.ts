import { withDeadline } from './deadline.ts';

type Closable = { close(): Promise<void> };

/**
 * A client that is opened when it is first used and thrown away after a failure: what it was in the middle of is unknown, and a fresh one
 * carries nothing over.
 */
export const makeRenewable = <T extends Closable>(open: () => Promise<T>) => {
  const closing = new AbortController();
  let current: Promise<T> | undefined;

  const discard = (): Promise<void> => {
    const discarded = current;
    current = undefined;
    return discarded === undefined ? Promise.resolve() : discarded.then((client) => client.close());
  };

  return {
    /** Rejects when the work does, when opening and work together take longer than `timeoutMs`, and when it is closed meanwhile. */
    use: async <R>(timeoutMs: number, work: (client: T) => Promise<R>): Promise<R> => {
      current ??= open();
      try {
        return await withDeadline(timeoutMs, current.then(work), closing.signal);
      } catch (error) {
        discard().catch(() => undefined);
        throw error;
      }
    },
    /** Never rejects. Not to be used afterwards. */
    close: async (timeoutMs: number): Promise<void> => {
      closing.abort();
      await withDeadline(timeoutMs, discard()).catch(() => undefined);
    },
  };
};
