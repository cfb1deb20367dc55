import { LRUCache } from 'lru-cache';

type Options<K, V> = {
  readonly ask: (key: K) => Promise<V>;
  /** How long a failure is the answer, without asking again. */
  readonly keepFailureMs: (error: unknown) => number;
  readonly maxFailures?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
};

const MAX_FAILURES = 1000;

/**
 * One question per key at a time, however many want to know. A good answer is kept as long as the process lives; a failure for a while, so
 * that nobody is asked at the rate of the messages that fail.
 */
export const makeLookupCache = <K extends string | number, V>(options: Options<K, V>) => {
  const { ask, keepFailureMs, maxFailures = MAX_FAILURES, now = () => performance.now() } = options;
  const answers = new Map<K, Promise<V>>();
  const failures = new LRUCache<K, { readonly error: Error }>({ max: maxFailures, perf: { now }, ttlResolution: 0 });

  const askAndKeep = async (key: K): Promise<V> => {
    try {
      return await ask(key);
    } catch (error) {
      answers.delete(key);
      failures.set(key, { error: error as Error }, { ttl: keepFailureMs(error) });
      throw error;
    }
  };

  /** Rejects as `ask` does, or did a moment ago. */
  return (key: K): Promise<V> => {
    const known = answers.get(key);
    if (known !== undefined) return known;
    const failed = failures.get(key);
    if (failed !== undefined) return Promise.reject(failed.error);
    const asked = askAndKeep(key);
    answers.set(key, asked);
    return asked;
  };
};
