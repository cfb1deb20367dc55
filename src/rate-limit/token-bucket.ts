import { LRUCache } from 'lru-cache';

import type { GeneralLimit, LimitDecision, LimitKey } from './ports.ts';

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
export const makeTokenBucket = (options: Options) => {
  const { capacity, refillPerSecond, maxKeys, now = () => performance.now() } = options;
  const buckets = new LRUCache<string, Bucket>({ max: maxKeys });

  const refilled = ({ key, factor }: LimitKey, at: number): Bucket => {
    const bucket = buckets.get(key);
    if (bucket === undefined) {
      const full = { tokens: capacity * factor, at };
      buckets.set(key, full);
      return full;
    }
    const gained = ((at - bucket.at) / 1000) * refillPerSecond * factor;
    bucket.tokens = Math.min(capacity * factor, bucket.tokens + gained);
    bucket.at = at;
    return bucket;
  };

  const refused = ({ tokens }: Bucket, { factor }: LimitKey): LimitDecision => ({
    allowed: false,
    remaining: 0,
    retryAfterSeconds: Math.ceil((1 - tokens) / (refillPerSecond * factor)),
  });

  const takeOne = (key: LimitKey, at: number): LimitDecision => {
    const bucket = refilled(key, at);
    if (bucket.tokens < 1) return refused(bucket, key);
    bucket.tokens -= 1;
    return { allowed: true, remaining: Math.floor(bucket.tokens), retryAfterSeconds: 0 };
  };

  return {
    /** All keys have a token, and each gives one, or none does. The first key without one ends the search: put the widest first. */
    take: (keys: readonly LimitKey[]): LimitDecision => {
      const at = now();
      const [first] = keys;
      if (first !== undefined && keys.length === 1) return takeOne(first, at);
      const taken: Bucket[] = [];
      for (const key of keys) {
        const bucket = refilled(key, at);
        if (bucket.tokens < 1) return refused(bucket, key);
        taken.push(bucket);
      }
      let remaining = Infinity;
      for (const bucket of taken) {
        bucket.tokens -= 1;
        remaining = Math.min(remaining, Math.floor(bucket.tokens));
      }
      return { allowed: true, remaining, retryAfterSeconds: 0 };
    },
  } satisfies GeneralLimit;
};
