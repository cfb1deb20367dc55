// Revoked sessions, shared by all processes: a sorted set in Redis, scored by expiry. Each process fetches new entries twice a second
// into its own copy, and requests read only the copy. docs/adr/0003 gives the reasons.

import type { Redis } from 'ioredis';

import type { RevocationList } from '../auth/ports.ts';
import { makeRepeat } from '../resilience/repeat.ts';
import { connectIfIdle } from './client.ts';
import { defineScript } from './script.ts';

type Deps = {
  readonly redis: Redis;
  /** Lifetime of an access token: after it a revoked session needs no entry. */
  readonly ttlSeconds: number;
  /** Below 1000, as the port requires. */
  readonly refreshMs?: number;
  /** Called when the copy becomes outdated, not for each attempt. */
  readonly onError: (error: unknown) => void;
};

const KEY = 'revoked-sessions';
const MAX_SESSIONS = 50_000;
/** Scores are the server's time; after a fail-over the clock of another server is used. */
const OVERLAP_MS = 5000;

const REVOKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return redis.call('ZCARD', KEYS[1])`;

export const makeRedisRevocationList = ({ redis, ttlSeconds, refreshMs = 500, onError }: Deps) => {
  const ttlMs = ttlSeconds * 1000;
  const write = defineScript<number>(redis, 'revokeSessions', REVOKE);
  /** Session → its expiry. All have the same lifetime, so the order of insertion is the order of expiry. */
  const revoked = new Map<string, number>();
  /** Not yet written to Redis. */
  const unsent = new Set<string>();
  let newestScore = 0;
  let isCurrent = true;

  const forget = (sessionId: string): void => {
    revoked.delete(sessionId);
    unsent.delete(sessionId);
  };
  const add = (sessionId: string): void => {
    if (!revoked.has(sessionId)) revoked.set(sessionId, performance.now() + ttlMs);
  };
  const prune = (): void => {
    for (const [sessionId, until] of revoked) {
      if (until > performance.now() && revoked.size <= MAX_SESSIONS) return;
      forget(sessionId);
    }
  };

  const send = async (): Promise<void> => {
    const batch = [...unsent];
    if (batch.length === 0) return;
    await write(KEY, ttlMs, ...batch);
    for (const sessionId of batch) unsent.delete(sessionId);
  };
  const fetchNew = async (): Promise<void> => {
    const since = newestScore - OVERLAP_MS;
    const newestFirst = await redis.zrevrangebyscore(KEY, '+inf', since, 'WITHSCORES', 'LIMIT', 0, MAX_SESSIONS);
    newestScore = Math.max(newestScore, Number(newestFirst[1] ?? 0));
    for (const sessionId of newestFirst.filter((_, index) => index % 2 === 0).reverse()) add(sessionId);
  };

  const report = (error: unknown): void => {
    if (isCurrent) onError(error);
    isCurrent = false;
    newestScore = 0; // the server may be another one after the outage: fetch everything again
  };
  const refresh = async (): Promise<void> => {
    try {
      await send();
      await fetchNew();
      isCurrent = true;
    } finally {
      prune();
    }
  };
  const refreshing = makeRepeat({ everyMs: refreshMs, work: refresh, onError: report });

  return {
    isRevoked: (sessionId) => revoked.has(sessionId),
    revoke: async (sessionIds) => {
      for (const sessionId of sessionIds) {
        add(sessionId);
        unsent.add(sessionId);
      }
      await send().catch(report); // the next refresh sends the rest
    },
    /** Resolves when the list was fetched once, or with an empty list when that failed. */
    start: async () => {
      await connectIfIdle(redis);
      await refreshing.startNow();
    },
    close: refreshing.close,
  } satisfies RevocationList & { start(): Promise<void>; close(): Promise<void> };
};
