// The cache of a single process, with the same rules as redis/cached-user-reader.ts: writes ordered by version, single flight.

import { LRUCache } from 'lru-cache';

import type { UserCache, UserReader } from '../../users/reader.ts';
import type { UserRepresentation } from '../../users/user-representation.ts';
import type { UserId } from '../../users/user.ts';

type Options = {
  readonly reader: UserReader;
  readonly ttlSeconds: number;
  readonly negativeTtlSeconds: number;
  readonly maxEntries: number;
  readonly onResult: (result: 'hit' | 'miss') => void;
};

/** A negative entry has no `json`. */
type Entry = { readonly version: number; readonly json: string | undefined };

/** Newer than any real version: a late fill can't replace it. */
const ERASED: Entry = { version: Number.MAX_SAFE_INTEGER, json: undefined };
const MISSING: Entry = { version: 0, json: undefined };

/** Longer than any read of a user takes, whatever the TTL of other entries. */
const TOMBSTONE_SECONDS = 300;

const toUser = ({ version, json }: Entry): UserRepresentation | undefined =>
  json === undefined ? undefined : { version, json };

export const makeMemoryUserReader = (options: Options): UserReader & UserCache => {
  const { reader, ttlSeconds, negativeTtlSeconds, maxEntries, onResult } = options;
  const entries = new LRUCache<UserId, Entry>({ max: maxEntries, ttl: ttlSeconds * 1000 });
  const reading = new Map<UserId, Promise<UserRepresentation | undefined>>();

  const secondsOf = (entry: Entry): number => {
    if (entry === ERASED) return TOMBSTONE_SECONDS;
    return entry === MISSING ? negativeTtlSeconds : ttlSeconds;
  };
  const setIfNewer = (id: UserId, entry: Entry): void => {
    const current = entries.get(id);
    if (current !== undefined && current.version > entry.version) return;
    entries.set(id, entry, { ttl: secondsOf(entry) * 1000 });
  };
  const readAndFill = async (id: UserId): Promise<UserRepresentation | undefined> => {
    const user = await reader.findRepresentation(id);
    setIfNewer(id, user ?? MISSING);
    return user;
  };
  const readOnce = (id: UserId): Promise<UserRepresentation | undefined> => {
    const running = reading.get(id);
    if (running !== undefined) return running;
    const started = readAndFill(id).finally(() => reading.delete(id));
    reading.set(id, started);
    return started;
  };

  return {
    findRepresentation: (id, onCache) => {
      const entry = entries.get(id);
      const result = entry === undefined ? 'miss' : 'hit';
      onResult(result);
      onCache?.(result);
      return entry === undefined ? readOnce(id) : Promise.resolve(toUser(entry));
    },
    changed: (id, user) => {
      setIfNewer(id, user);
      return Promise.resolve();
    },
    erased: (id) => {
      setIfNewer(id, ERASED);
      return Promise.resolve();
    },
  };
};
