// Revoked sessions, shared by all processes: a sorted set in Redis, scored by expiry. Each process fetches new entries every 400 ms
// into its own copy, and requests read only the copy. The copies also restore the set when a server has lost entries.
// docs/adr/0003 gives the reasons.

import type { Redis } from 'ioredis';

import type { RevocationList } from '../auth/ports.ts';
import { makeRepeat } from '../resilience/repeat.ts';
import { connectIfIdle } from './client.ts';
import { makeRevokedSessions } from './revoked-sessions.ts';
import { defineScript } from './script.ts';

type Deps = {
  readonly redis: Redis;
  /** Lifetime of an access token: after it a revoked session needs no entry. */
  readonly ttlSeconds: number;
  /** So that two refreshes and a new connection between them take less than a second, as the port requires. */
  readonly refreshMs?: number;
  /** Called when the copy becomes outdated, not for each attempt. */
  readonly onError: (error: unknown) => void;
};

const KEY = 'revoked-sessions';
const MAX_SESSIONS = 50_000;
/** Sessions per command. */
const BATCH = 500;
/** Scores are the server's time; after a fail-over the clock of another server is used. */
const OVERLAP_MS = 5000;

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)`;

// NX: a session that is sent again keeps its expiry. A process with a shorter lifetime of tokens does not shorten that of the set.
const SEND = `${NOW}
for i = 2, #ARGV, 2 do redis.call('ZADD', KEYS[1], 'NX', now + ARGV[i + 1], ARGV[i]) end
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return now`;

// It reads, but a replica refuses it because of NOW: so a process that never revokes notices a fail-over, too
const FETCH = `${NOW}
local newest = redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, ARGV[2])
return { now, redis.call('ZCARD', KEYS[1]), newest }`;

export const makeRedisRevocationList = ({ redis, ttlSeconds, refreshMs = 400, onError }: Deps) => {
  const ttlMs = ttlSeconds * 1000;
  const sendBatch = defineScript<number>(redis, 'sendRevokedSessions', SEND);
  const fetchSince = defineScript<[now: number, stored: number, newest: string[]]>(
    redis,
    'fetchRevokedSessions',
    FETCH,
  );
  const copy = makeRevokedSessions({ maxSessions: MAX_SESSIONS });
  /** Not yet written to Redis. */
  const unsent = new Set<string>();
  let newestScore = 0;
  let mayLackSessions = true;
  let isCurrent = true;

  const send = async (sessionIds: readonly string[]): Promise<void> => {
    for (let from = 0; from < sessionIds.length; from += BATCH) {
      const batch = sessionIds.slice(from, from + BATCH);
      const withLeftMs = batch.map((id): [string, number] => [id, copy.leftMs(id)]);
      const now = await sendBatch(KEY, ttlMs, ...withLeftMs.flat());
      for (const [id, leftMs] of withLeftMs) {
        copy.confirm(id, now + leftMs, now);
        unsent.delete(id);
      }
    }
  };
  /** @returns whether Redis has the same sessions as this process now */
  const fetch = async (since: number): Promise<boolean> => {
    const [now, stored, newest] = await fetchSince(KEY, since, MAX_SESSIONS);
    newestScore = Math.max(newestScore, Number(newest[1] ?? 0));
    for (let index = newest.length - 2; index >= 0; index -= 2)
      copy.confirm(String(newest.at(index)), Number(newest.at(index + 1)), now);
    return stored >= MAX_SESSIONS || stored === copy.countConfirmed(now);
  };
  const exchangeAll = async (): Promise<void> => {
    await send(copy.ids());
    await fetch(0);
    mayLackSessions = false;
  };

  const report = (error: unknown): void => {
    if (isCurrent) onError(error);
    isCurrent = false;
  };
  const refresh = async (): Promise<void> => {
    try {
      await send([...unsent]);
      if (mayLackSessions || !(await fetch(newestScore - OVERLAP_MS))) await exchangeAll();
      isCurrent = true;
    } finally {
      copy.prune();
      for (const id of unsent) if (!copy.has(id)) unsent.delete(id);
    }
  };
  let refreshing: Promise<void> | undefined;
  const refreshOnce = (): Promise<void> => (refreshing ??= refresh().finally(() => (refreshing = undefined)));
  const repeat = makeRepeat({ everyMs: refreshMs, work: refreshOnce, onError: report });

  /** The server may be another one, or the same one without its data. */
  const onReady = (): void => {
    mayLackSessions = true;
    refreshOnce().catch(report);
  };
  redis.on('ready', onReady);

  return {
    isRevoked: copy.has,
    revoke: async (sessionIds) => {
      for (const sessionId of sessionIds) {
        copy.add(sessionId, ttlMs);
        unsent.add(sessionId);
      }
      await send(sessionIds).catch(report); // the next refresh sends the rest
    },
    /** Resolves when the list was fetched once, or with an empty list when that failed. */
    start: async () => {
      await connectIfIdle(redis);
      await repeat.startNow();
    },
    close: async () => {
      redis.off('ready', onReady);
      await repeat.close();
    },
  } satisfies RevocationList & { start(): Promise<void>; close(): Promise<void> };
};
