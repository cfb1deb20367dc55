// Cache-aside around the reader port: one GET, and its value is returned unparsed. Redis orders writes by version, so a late fill can't
// replace a newer representation.
//
// Staleness: a change or erasure is visible at once, in every process, when its write to Redis succeeds. When the write fails
// (`onResult('error')`), the previous entry is served until it expires: for at most `ttlSeconds`.

import { randomInt } from 'node:crypto';

import type { Redis } from 'ioredis';

import { makeCircuitBreaker } from '../resilience/circuit-breaker.ts';
import type { UserCache, UserReader } from '../users/reader.ts';
import type { UserRepresentation } from '../users/user-representation.ts';
import type { UserId } from '../users/user.ts';
import { defineScript } from './script.ts';
import { ERASED, MISSING, parseEntry, userOf } from './user-entry.ts';

type Deps = {
  readonly redis: Redis;
  readonly reader: UserReader;
  /** Maximum lifetime of an entry; each one lives up to a fifth less, at random, so that they don't all expire together. */
  readonly ttlSeconds: number;
  /** The same for "there is no such user". */
  readonly negativeTtlSeconds: number;
  /** `error`: a look-up or a write failed, or a look-up was skipped because the circuit is open. */
  readonly onResult: (result: 'hit' | 'miss' | 'error') => void;
};

/** Longer than any read of a user takes, with every timeout at its maximum. Ids are never reused. */
const TOMBSTONE_MS = 300_000;
const CIRCUIT_OPEN_MS = 500;

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
  const circuit = makeCircuitBreaker({ openMs: CIRCUIT_OPEN_MS });
  const flights = new Map<UserId, Promise<UserRepresentation | undefined>>();

  /** Undefined when the command fails or times out. */
  const replyOf = async <T>(command: Promise<T>): Promise<T | undefined> => {
    try {
      const reply = await command;
      circuit.succeeded();
      return reply;
    } catch {
      circuit.failed();
      onResult('error');
      return undefined;
    }
  };

  const store = (id: UserId, user: UserRepresentation, ms: number): Promise<unknown> =>
    replyOf(setUnlessOlder(keyOf(id), user.version, user.json, ms));

  const fill = async (id: UserId, flight: Promise<UserRepresentation | undefined>): Promise<void> => {
    const user = await flight;
    if (flights.get(id) !== flight) return; // changed or erased in the meantime
    await store(id, user ?? MISSING, jittered(user === undefined ? negativeTtlSeconds : ttlSeconds));
  };

  /** One read of the database per id and process (single flight). Callers join it until its fill is in Redis, where later look-ups find it. */
  const readOnce = (id: UserId, fillsCache: boolean): Promise<UserRepresentation | undefined> => {
    const current = flights.get(id);
    if (current !== undefined) return current;
    const flight = reader.findRepresentation(id);
    const end = (): void => {
      if (flights.get(id) === flight) flights.delete(id);
    };
    flights.set(id, flight);
    // a failed read rejects for its callers, not here
    (fillsCache ? fill(id, flight) : flight).then(end, end);
    return flight;
  };

  return {
    findRepresentation: async (id) => {
      if (!circuit.allows()) {
        onResult('error');
        return readOnce(id, false);
      }
      const text = await replyOf(redis.get(keyOf(id)));
      if (text === undefined) return readOnce(id, false);
      const entry = text === null ? undefined : parseEntry(text);
      onResult(entry === undefined ? 'miss' : 'hit');
      return entry === undefined ? readOnce(id, true) : userOf(entry);
    },
    // Both write even while the circuit is open: the entries in Redis may be served again in a moment.
    changed: async (id, user) => {
      flights.delete(id);
      await store(id, user, jittered(ttlSeconds));
    },
    erased: async (id) => {
      flights.delete(id);
      await store(id, ERASED, TOMBSTONE_MS);
    },
  };
};
