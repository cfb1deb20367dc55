import { LRUCache } from 'lru-cache';

type Options<K, V> = {
  readonly lookUp: (key: K) => Promise<V>;
  /** How long a failure is cached, in ms. */
  readonly failureTtlMs: (error: unknown) => number;
  readonly maxFailures?: number;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
};

const MAX_FAILURES = 1000;

/**
 * Caches look-ups, with one look-up per key at a time. A result is cached as long as the process lives; a failure for a limited time, so that
 * failing messages do not cause a look-up each.
 */
export const makeLookupCache = <K extends string | number, V>(options: Options<K, V>) => {
  const { lookUp, failureTtlMs, maxFailures = MAX_FAILURES, now = () => performance.now() } = options;
  const results = new Map<K, Promise<V>>();
  const failures = new LRUCache<K, { readonly error: Error }>({ max: maxFailures, perf: { now }, ttlResolution: 0 });

  const lookUpAndCacheFailure = async (key: K): Promise<V> => {
    try {
      return await lookUp(key);
    } catch (error) {
      results.delete(key);
      failures.set(key, { error: error as Error }, { ttl: failureTtlMs(error) });
      throw error;
    }
  };

  /** Rejects with the error of `lookUp`, now or from the cache. */
  return (key: K): Promise<V> => {
    const cached = results.get(key);
    if (cached !== undefined) return cached;
    const failed = failures.get(key);
    if (failed !== undefined) return Promise.reject(failed.error);
    const result = lookUpAndCacheFailure(key);
    results.set(key, result);
    return result;
  };
};
