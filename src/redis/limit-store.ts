import type { Redis } from 'ioredis';

import type { LimitDecision, LimitStore } from '../rate-limit/ports.ts';
import { defineScript } from './script.ts';

type Deps = {
  readonly redis: Redis;
  /** Separates the keys of these limits from those of others. */
  readonly name: string;
  /** Default: a minute. */
  readonly windowSeconds?: number;
  /** Decides when Redis fails. It also remembers what Redis remembers, so that it knows something when its time comes. */
  readonly fallback: LimitStore;
  /** Called when the fallback takes over, not for each attempt that it decides. */
  readonly onError?: (error: unknown) => void;
};

const TAKE = `
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
local limit = tonumber(ARGV[1])
local allowed = 0
if count < limit then
  allowed = 1
  count = redis.call('INCR', KEYS[1])
end
local leftMs = redis.call('PTTL', KEYS[1])
if leftMs < 0 then
  leftMs = tonumber(ARGV[2])
  redis.call('PEXPIRE', KEYS[1], leftMs)
end
return { allowed, limit - count, leftMs }`;

const GIVE_BACK = `
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then redis.call('DECR', KEYS[1]) end`;

// the clock of Redis: those of the processes may differ
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

const BOOK = `${NOW}
local slot = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local waitMs = slot - now
if waitMs > tonumber(ARGV[2]) then return { 0, waitMs } end
local following = slot + tonumber(ARGV[1])
redis.call('SET', KEYS[1], string.format('%.0f', following), 'PX', following - now)
return { 1, waitMs }`;

const REMEMBER = `${NOW}
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

const REMEMBERS = `${NOW}
local at = redis.call('ZSCORE', KEYS[1], ARGV[1])
if at and at + ARGV[2] > now then return 1 end
return 0`;

const defineScripts = (redis: Redis) => ({
  take: defineScript<[allowed: number, remaining: number, leftMs: number]>(redis, 'takeAttempt', TAKE),
  giveBack: defineScript<null>(redis, 'giveAttemptBack', GIVE_BACK),
  book: defineScript<[booked: number, waitMs: number]>(redis, 'bookSlot', BOOK),
  remember: defineScript<null>(redis, 'rememberMember', REMEMBER),
  remembers: defineScript<number>(redis, 'remembersMember', REMEMBERS),
});

/**
 * Limits that all processes share. A fixed window starts with the first attempt of its key: around the end of a window twice the limit may
 * pass within a short time, because it bounds guessing and does not shape traffic.
 */
export const makeRedisLimitStore = (deps: Deps): LimitStore => {
  const { redis, name, windowSeconds = 60, fallback, onError } = deps;
  const scripts = defineScripts(redis);
  const keyOf = (key: string): string => `limit:${name}:${key}`;
  let redisDecides = true;

  const orFallback = async <T>(decide: () => Promise<T>, instead: () => T | Promise<T>): Promise<T> => {
    try {
      const decision = await decide();
      redisDecides = true;
      return decision;
    } catch (error) {
      if (redisDecides) onError?.(error);
      redisDecides = false;
      return instead();
    }
  };

  const take = async (key: string, limit: number): Promise<LimitDecision> => {
    const [allowed, remaining, leftMs] = await scripts.take(keyOf(key), limit, windowSeconds * 1000);
    const retryAfterSeconds = allowed === 1 ? 0 : Math.ceil(leftMs / 1000);
    return { allowed: allowed === 1, remaining: Math.max(0, remaining), retryAfterSeconds };
  };

  return {
    take: (key, limit) =>
      orFallback(
        () => take(key, limit),
        () => fallback.take(key, limit),
      ),

    giveBack: (key) =>
      orFallback(
        async () => {
          await scripts.giveBack(keyOf(key));
        },
        () => fallback.giveBack(key),
      ),

    book: (key, spacingMs, maxWaitMs) =>
      orFallback(
        async () => {
          const [booked, waitMs] = await scripts.book(keyOf(key), spacingMs, maxWaitMs);
          return { booked: booked === 1, waitMs };
        },
        () => fallback.book(key, spacingMs, maxWaitMs),
      ),

    remember: async (key, member, ttlMs, max) => {
      await fallback.remember(key, member, ttlMs, max);
      await orFallback(
        async () => {
          await scripts.remember(keyOf(key), member, ttlMs, max);
        },
        () => undefined,
      );
    },

    remembers: (key, member, ttlMs) =>
      orFallback(
        async () => (await scripts.remembers(keyOf(key), member, ttlMs)) === 1,
        () => fallback.remembers(key, member, ttlMs),
      ),

    forget: async (key) => {
      await fallback.forget(key);
      await orFallback(
        async () => {
          await redis.unlink(keyOf(key));
        },
        () => undefined,
      );
    },
  };
};
