import type { Redis } from 'ioredis';

import type { AttemptLimit, LimitDecision } from '../rate-limit/ports.ts';
import { defineScript } from './script.ts';

type Deps = {
  readonly redis: Redis;
  /** Separates the keys of this limit from those of others. */
  readonly name: string;
  /** Attempts per window and key. */
  readonly limit: number;
  readonly windowSeconds: number;
  /** Decides when Redis fails. */
  readonly fallback: AttemptLimit;
  /** Called when the fallback takes over, not for each attempt that it decides. */
  readonly onError?: (error: unknown) => void;
};

const COUNT = `
local attempts = redis.call('INCR', KEYS[1])
local leftMs = redis.call('PTTL', KEYS[1])
if leftMs < 0 then
  leftMs = tonumber(ARGV[1])
  redis.call('PEXPIRE', KEYS[1], leftMs)
end
return { attempts, leftMs }`;

/**
 * Fixed-window limit, shared by all processes; a window starts with the first attempt of its key. Around the end of a window
 * twice the limit may pass within a short time: it bounds guessing, it does not shape traffic.
 */
export const makeRedisAttemptLimit = (deps: Deps) => {
  const { redis, name, limit, windowSeconds, fallback, onError } = deps;
  const count = defineScript<[attempts: number, leftMs: number]>(redis, 'countAttempt', COUNT);
  let redisDecides = true;

  const decide = async (key: string): Promise<LimitDecision> => {
    const [attempts, leftMs] = await count(`limit:${name}:${key}`, windowSeconds * 1000);
    const allowed = attempts <= limit;
    return {
      allowed,
      remaining: Math.max(0, limit - attempts),
      retryAfterSeconds: allowed ? 0 : Math.ceil(leftMs / 1000),
    };
  };

  return {
    take: async (key: string): Promise<LimitDecision> => {
      try {
        const decision = await decide(key);
        redisDecides = true;
        return decision;
      } catch (error) {
        if (redisDecides) onError?.(error);
        redisDecides = false;
        return fallback.take(key);
      }
    },
  } satisfies AttemptLimit;
};
