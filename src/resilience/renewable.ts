import { withDeadline } from './deadline.ts';

type Closable = { close(): Promise<void> };

/** A client that is opened at its first use and replaced after a failure, because its state is unknown then. */
export const makeRenewable = <T extends Closable>(open: () => Promise<T>) => {
  const closing = new AbortController();
  let current: Promise<T> | undefined;

  const discard = (): Promise<void> => {
    const discarded = current;
    current = undefined;
    return discarded === undefined ? Promise.resolve() : discarded.then((client) => client.close());
  };

  return {
    /** Rejects when the work rejects, when opening and work together take longer than `timeoutMs`, and on `close`. */
    use: async <R>(timeoutMs: number, work: (client: T) => Promise<R>): Promise<R> => {
      current ??= open();
      try {
        return await withDeadline(timeoutMs, current.then(work), closing.signal);
      } catch (error) {
        discard().catch(() => undefined);
        throw error;
      }
    },
    /** Never rejects. Do not call `use` afterwards. */
    close: async (timeoutMs: number): Promise<void> => {
      closing.abort();
      await withDeadline(timeoutMs, discard()).catch(() => undefined);
    },
  };
};
