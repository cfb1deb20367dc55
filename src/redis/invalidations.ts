// Deletes keys of the cache and goes on until Redis has done it. After a new connection it deletes those of the last minute once more: the server
// may be another one, which has not received the first command.

import type { Redis } from 'ioredis';

type Deps = {
  readonly redis: Redis;
  /** After this time what a key held has expired by itself. */
  readonly keepMs: number;
  /** Called when the first attempt fails, not when it is repeated. */
  readonly onError: (error: unknown) => void;
};

type Invalidation = { readonly until: number; isWritten: boolean };

const RETRY_MS = 400;
/** Above it the oldest are forgotten. 20,000 keys are about 4 MB. */
const MAX_KEYS = 20_000;
const KEYS_PER_COMMAND = 500;

export const makeInvalidations = ({ redis, keepMs, onError }: Deps) => {
  /** In the order in which they expire. */
  const recent = new Map<string, Invalidation>();
  let timer: NodeJS.Timeout | undefined;

  const prune = (): void => {
    for (const [key, { until }] of recent) {
      if (until > performance.now() && recent.size <= MAX_KEYS) return;
      recent.delete(key);
    }
  };
  const write = async (batch: readonly (readonly [string, Invalidation])[]): Promise<void> => {
    for (const [, invalidation] of batch) invalidation.isWritten = false;
    await redis.del(batch.map(([key]) => key));
    for (const [, invalidation] of batch) invalidation.isWritten = true;
  };
  const writeAll = async (isIncluded: (invalidation: Invalidation) => boolean): Promise<void> => {
    prune();
    const included = [...recent].filter(([, invalidation]) => isIncluded(invalidation));
    for (const [, invalidation] of included) invalidation.isWritten = false;
    for (let from = 0; from < included.length; from += KEYS_PER_COMMAND)
      await write(included.slice(from, from + KEYS_PER_COMMAND));
  };
  const retryLater = (): void => {
    if (redis.status === 'end') return;
    timer ??= setTimeout(() => {
      timer = undefined;
      writeAll(({ isWritten }) => !isWritten).catch(retryLater);
    }, RETRY_MS).unref();
  };
  redis.on('ready', () => {
    writeAll(() => true).catch(retryLater);
  });

  return {
    /** Never rejects. */
    add: async (key: string): Promise<void> => {
      const invalidation = { until: performance.now() + keepMs, isWritten: false };
      recent.delete(key);
      recent.set(key, invalidation);
      prune();
      await write([[key, invalidation]]).catch((error: unknown) => {
        onError(error);
        retryLater();
      });
    },
    /** Whether Redis may still have what the key held before. */
    isPending: (key: string): boolean => recent.size > 0 && recent.get(key)?.isWritten === false,
  };
};
