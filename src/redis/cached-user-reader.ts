// Cache-aside around the reader port: one GET, and its value is returned unparsed. Only the holder of a lease fills an entry, and a change or
// an erasure deletes whatever is there, so a read that began before it can't fill the cache: also when entries are evicted (docs/adr/0004).
//
// Staleness: a change or erasure is visible at once, in every process, when Redis accepts its DEL, which a full server does. Otherwise this
// process reads the database and repeats the DEL; the others may serve the previous entry until then, and for at most `ttlSeconds`.

import { randomInt } from 'node:crypto';

import type { Redis } from 'ioredis';

import { makeCircuitBreaker } from '../resilience/circuit-breaker.ts';
import type { UserCache, UserReader } from '../users/reader.ts';
import type { UserRepresentation } from '../users/user-representation.ts';
import type { UserId } from '../users/user.ts';
import { makeInvalidations } from './invalidations.ts';
import { defineScript } from './script.ts';
import { formatEntry, isLease, MISSING, newLease, parseEntry, userOf } from './user-entry.ts';

type Deps = {
  readonly redis: Redis;
  readonly reader: UserReader;
  /** Maximum lifetime of an entry; each one lives up to a fifth less, at random, so that they don't all expire together. */
  readonly ttlSeconds: number;
  /** The same for "there is no such user". */
  readonly negativeTtlSeconds: number;
  /** `error`: a look-up or a write failed, or a look-up was skipped because the circuit is open or an invalidation is not written yet. */
  readonly onResult: (result: 'hit' | 'miss' | 'error') => void;
};

/** A read of the database that several callers wait for. */
type Flight = {
  /** When it began; callers that came earlier may join it. */
  startedAt: number;
  /** The lease that Redis had before it began. A caller that still finds it there may join: nothing has changed since. */
  lease: string | undefined;
  user: Promise<UserRepresentation | undefined>;
};

/** A process that ends while it reads keeps its lease so long. A slower read does not fill the cache. */
const LEASE_MS = 3000;
const CIRCUIT_OPEN_MS = 500;

const FILL = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`;

const jittered = (seconds: number): number => {
  const ms = Math.round(seconds * 1000);
  return randomInt(Math.ceil(ms * 0.8), ms + 1);
};
const keyOf = (id: UserId): string => `user:${id}`;
/** Redis refused the command: it is there, so waiting for it costs nothing. */
const isRefusal = (error: unknown): boolean => error instanceof Error && error.name === 'ReplyError';

export const makeCachedUserReader = (deps: Deps): UserReader & UserCache => {
  const { redis, reader, ttlSeconds, negativeTtlSeconds, onResult } = deps;
  const fillIfLeased = defineScript<number>(redis, 'fillUserIfLeased', FILL);
  const circuit = makeCircuitBreaker({ openMs: CIRCUIT_OPEN_MS });
  const onError = (): void => {
    onResult('error');
  };
  const invalidations = makeInvalidations({ redis, keepMs: ttlSeconds * 1000 + LEASE_MS, onError });
  const flights = new Map<UserId, Flight>();
  let clock = 0;
  const tick = (): number => (clock += 1);

  /** Undefined when the command fails or times out. */
  const replyOf = async <T>(command: Promise<T>): Promise<T | undefined> => {
    try {
      const reply = await command;
      circuit.succeeded();
      return reply;
    } catch (error) {
      if (!isRefusal(error)) circuit.failed();
      onError();
      return undefined;
    }
  };

  /** @returns the lease of this process, if no other one has it */
  const takeLease = async (id: UserId, found: string | null): Promise<string | undefined> => {
    const lease = newLease();
    const taken =
      found === null ? redis.set(keyOf(id), lease, 'PX', LEASE_MS, 'NX') : redis.set(keyOf(id), lease, 'PX', LEASE_MS); // instead of what is no entry
    return (await replyOf(taken)) === 'OK' ? lease : undefined;
  };

  const fill = async (id: UserId, lease: string, user: UserRepresentation | undefined): Promise<void> => {
    const ms = jittered(user === undefined ? negativeTtlSeconds : ttlSeconds);
    await replyOf(fillIfLeased(keyOf(id), lease, formatEntry(user ?? MISSING), ms));
  };

  /** @param leasing resolves to the lease with which the result may be stored */
  const read = (id: UserId, leasing: Promise<string | undefined>, seenLease?: string): Flight['user'] => {
    const flight: Flight = {
      startedAt: Number.POSITIVE_INFINITY,
      lease: seenLease,
      user: leasing.then((lease) => {
        flight.startedAt = tick();
        flight.lease ??= lease;
        return reader.findRepresentation(id);
      }),
    };
    const store = async (user: UserRepresentation | undefined): Promise<void> => {
      const lease = await leasing;
      if (lease !== undefined && flights.get(id) === flight) await fill(id, lease, user);
    };
    const end = (): void => {
      if (flights.get(id) === flight) flights.delete(id);
    };
    flights.set(id, flight);
    // a failed read rejects for its callers, not here; callers join until the fill is in Redis, where later look-ups find it
    flight.user.then(store).then(end, end);
    return flight.user;
  };
  const readWithoutCache = (id: UserId): Flight['user'] =>
    flights.get(id)?.user ?? read(id, Promise.resolve(undefined));

  const readAndFill = (id: UserId, found: string | null, arrivedAt: number): Flight['user'] => {
    const current = flights.get(id);
    const mayJoin =
      current !== undefined && (current.startedAt > arrivedAt || (found !== null && found === current.lease));
    if (mayJoin) return current.user;
    return found !== null && isLease(found)
      ? read(id, Promise.resolve(undefined), found)
      : read(id, takeLease(id, found));
  };

  const invalidate = async (id: UserId): Promise<void> => {
    flights.delete(id);
    await invalidations.add(keyOf(id)); // also while the circuit is open: the entry may be served again in a moment
  };

  return {
    findRepresentation: async (id, onCache) => {
      const key = keyOf(id);
      if (!circuit.allows() || invalidations.isPending(key)) {
        onError();
        onCache?.('miss');
        return readWithoutCache(id);
      }
      const arrivedAt = tick();
      const found = await replyOf(redis.get(key));
      const entry = typeof found === 'string' ? parseEntry(found) : undefined;
      onCache?.(entry === undefined ? 'miss' : 'hit');
      if (found === undefined) return readWithoutCache(id);
      onResult(entry === undefined ? 'miss' : 'hit');
      return entry === undefined ? readAndFill(id, found, arrivedAt) : userOf(entry);
    },
    changed: invalidate,
    erased: invalidate,
  };
};
