import { LRUCache } from 'lru-cache';

import type { LimitDecision } from './ports.ts';

type Options = {
  /** The largest burst. */
  readonly capacity: number;
  readonly refillPerSecond: number;
  /** Least recently used keys are evicted beyond this number, so that memory is bounded for any number of addresses. */
  readonly maxKeys: number;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
};

type Bucket = { tokens: number; at: number };

/** A synchronous rate limiter in memory. Each process counts separately. */
export const makeTokenBucket = ({ capacity, refillPerSecond, maxKeys, now = () => performance.now() }: Options) => {
  const buckets = new LRUCache<string, Bucket>({ max: maxKeys });

  const refilled = (key: string): Bucket => {
    const at = now();
    const bucket = buckets.get(key);
    if (bucket === undefined) {
      const full = { tokens: capacity, at };
      buckets.set(key, full);
      return full;
    }
    bucket.tokens = Math.min(capacity, bucket.tokens + ((at - bucket.at) / 1000) * refillPerSecond);
    bucket.at = at;
    return bucket;
  };

  return {
    take: (key: string): LimitDecision => {
      const bucket = refilled(key);
      if (bucket.tokens < 1) {
        return { allowed: false, remaining: 0, retryAfterSeconds: Math.ceil((1 - bucket.tokens) / refillPerSecond) };
      }
      bucket.tokens -= 1;
      return { allowed: true, remaining: Math.floor(bucket.tokens), retryAfterSeconds: 0 };
    },
  };
};
