import { LRUCache } from 'lru-cache';

import type { LimitStore } from './ports.ts';

type Options = {
  /** Least recently used counters and sets are evicted beyond this number each. */
  readonly maxKeys: number;
  /** Default: a minute. */
  readonly windowSeconds?: number;
  /** Milliseconds. */
  readonly now?: () => number;
};

type Window = { count: number; readonly endsAt: number };

/** Counts in this process: what `npm start` uses, and every process while Redis is down. The same decisions as redis/limit-store.ts. */
export const makeMemoryLimitStore = ({ maxKeys, windowSeconds = 60, now = () => Date.now() }: Options): LimitStore => {
  const windows = new LRUCache<string, Window>({ max: maxKeys });
  const slots = new LRUCache<string, number>({ max: maxKeys });
  const sets = new LRUCache<string, Map<string, number>>({ max: maxKeys });

  const windowOf = (key: string): Window => {
    const current = windows.get(key);
    if (current !== undefined && current.endsAt > now()) return current;
    const next = { count: 0, endsAt: now() + windowSeconds * 1000 };
    windows.set(key, next);
    return next;
  };

  return {
    take: (key, limit) => {
      const window = windowOf(key);
      if (window.count >= limit) {
        return { allowed: false, remaining: 0, retryAfterSeconds: Math.ceil((window.endsAt - now()) / 1000) };
      }
      window.count += 1;
      return { allowed: true, remaining: limit - window.count, retryAfterSeconds: 0 };
    },
    giveBack: (key) => {
      const window = windowOf(key);
      window.count = Math.max(0, window.count - 1);
    },
    book: (key, spacingMs, maxWaitMs) => {
      const slot = Math.max(now(), slots.get(key) ?? 0);
      const waitMs = slot - now();
      const booked = waitMs <= maxWaitMs;
      if (booked) slots.set(key, slot + spacingMs);
      return { booked, waitMs };
    },
    remember: (key, member, ttlMs, max) => {
      const members = sets.get(key) ?? new Map<string, number>();
      members.delete(member); // the newest is the last
      members.set(member, now() + ttlMs);
      for (const [oldest, endsAt] of members) {
        if (members.size <= max && endsAt > now()) break;
        members.delete(oldest);
      }
      sets.set(key, members);
    },
    remembers: (key, member) => (sets.get(key)?.get(member) ?? 0) > now(),
    forget: (key) => {
      sets.delete(key);
    },
  };
};
