// Cache-aside around the reader port: one GET, and what it finds is passed on unparsed. Writes are ordered by version inside
// Redis, so a fill that comes late can't replace a newer document.
//
// Staleness: a change or erasure is seen at once, in every process, when Redis took it. When it did not (`onResult('error')`), an
// entry from before is served until it expires: for at most `ttlSeconds`.

import { randomInt } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { UserCache, UserReader } from '../users/reader.ts';
import type { UserRepresentation } from '../users/user-representation.ts';
import type { UserId } from '../users/user.ts';
import { makeCircuitBreaker } from '../resilience/circuit-breaker.ts';
import { defineScript } from './script.ts';
import { ERASED, MISSING, parseEntry, userOf } from './user-entry.ts';

type Deps = {
  readonly redis: Redis;
  readonly reader: UserReader;
  /** The longest that an entry is served; each gets up to a fifth less by chance, so that they don't all expire together. */
  readonly ttlSeconds: number;
  /** The same for "there is no such user". */
  readonly negativeTtlSeconds: number;
  /** `error`: Redis did not answer a look-up, was not asked because it has just failed, or did not take a write. */
  readonly onResult: (result: 'hit' | 'miss' | 'error') => void;
};

/** Longer than any read of a user takes, with every timeout at its maximum. Ids are never used again. */
const TOMBSTONE_MS = 300_000;
const PAUSE_MS = 500;

const SET_UNLESS_OLDER = `
local stored = redis.call('GET', KEYS[1])
if stored and tonumber(string.match(stored, '^%d+') or -1) > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1] .. '|' .. ARGV[2], 'PX', ARGV[3])
return 1`;

const jittered = (seconds: number): number => {
  const ms = Math.round(seconds * 1000);
  return randomInt(Math.ceil(ms * 0.8), ms + 1);
};
const keyOf = (id: UserId): string => `user:${id}`;

export const makeCachedUserReader = (deps: Deps): UserReader & UserCache => {
  const { redis, reader, ttlSeconds, negativeTtlSeconds, onResult } = deps;
  const setUnlessOlder = defineScript<number>(redis, 'setUserUnlessOlder', SET_UNLESS_OLDER);
  const circuit = makeCircuitBreaker({ pauseMs: PAUSE_MS });
  const flights = new Map<UserId, Promise<UserRepresentation | undefined>>();

  /** Undefined when Redis did not answer in time, whatever the reason. */
  const answerOf = async <T>(command: Promise<T>): Promise<T | undefined> => {
    try {
      const answer = await command;
      circuit.succeeded();
      return answer;
    } catch {
      circuit.failed();
      onResult('error');
      return undefined;
    }
  };

  const keep = (id: UserId, document: UserRepresentation, ms: number): Promise<unknown> =>
    answerOf(setUnlessOlder(keyOf(id), document.version, document.json, ms));

  const fill = async (id: UserId, flight: Promise<UserRepresentation | undefined>): Promise<void> => {
    const document = await flight;
    if (flights.get(id) !== flight) return; // changed or erased in the meantime
    await keep(id, document ?? MISSING, jittered(document === undefined ? negativeTtlSeconds : ttlSeconds));
  };

  /** One read of the database per id and process. It can be joined until its fill is in Redis, where later look-ups find it. */
  const readOnce = (id: UserId, cacheAnswers: boolean): Promise<UserRepresentation | undefined> => {
    const underWay = flights.get(id);
    if (underWay !== undefined) return underWay;
    const flight = reader.findRepresentation(id);
    const leave = (): void => {
      if (flights.get(id) === flight) flights.delete(id);
    };
    flights.set(id, flight);
    // a read that failed is told to those who wait for it, not here
    (cacheAnswers ? fill(id, flight) : flight).then(leave, leave);
    return flight;
  };

  return {
    findRepresentation: async (id) => {
      if (!circuit.admits()) {
        onResult('error');
        return readOnce(id, false);
      }
      const text = await answerOf(redis.get(keyOf(id)));
      if (text === undefined) return readOnce(id, false);
      const entry = text === null ? undefined : parseEntry(text);
      onResult(entry === undefined ? 'miss' : 'hit');
      return entry === undefined ? readOnce(id, true) : userOf(entry);
    },
    // Both are told even while reads are paused: what Redis holds may be served again in a moment.
    changed: async (id, document) => {
      flights.delete(id);
      await keep(id, document, jittered(ttlSeconds));
    },
    erased: async (id) => {
      flights.delete(id);
      await keep(id, ERASED, TOMBSTONE_MS);
    },
  };
};
