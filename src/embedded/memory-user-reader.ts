// The cache of a single process, with the rules of redis/cached-user-reader.ts: ordered by version, one read per missing entry.

import { LRUCache } from 'lru-cache';

import type { UserCache, UserReader } from '../users/reader.ts';
import type { UserRepresentation } from '../users/user-representation.ts';
import type { UserId } from '../users/user.ts';

type Options = {
  readonly reader: UserReader;
  readonly ttlSeconds: number;
  readonly negativeTtlSeconds: number;
  readonly maxEntries: number;
  readonly onResult: (result: 'hit' | 'miss') => void;
};

/** `json` undefined: there is no such user. */
type Entry = { readonly version: number; readonly json: string | undefined };

/** Higher than any real version: nothing that is still being read can replace it. */
const ERASED: Entry = { version: Number.MAX_SAFE_INTEGER, json: undefined };
const MISSING: Entry = { version: 0, json: undefined };

/** Longer than any read of a user takes, however short entries live otherwise. */
const TOMBSTONE_SECONDS = 300;

const toDocument = ({ version, json }: Entry): UserRepresentation | undefined =>
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
    const kept = entries.get(id);
    if (kept !== undefined && kept.version > entry.version) return;
    entries.set(id, entry, { ttl: secondsOf(entry) * 1000 });
  };
  const readAndFill = async (id: UserId): Promise<UserRepresentation | undefined> => {
    const document = await reader.findRepresentation(id);
    setIfNewer(id, document ?? MISSING);
    return document;
  };
  const readOnce = (id: UserId): Promise<UserRepresentation | undefined> => {
    const running = reading.get(id);
    if (running !== undefined) return running;
    const started = readAndFill(id).finally(() => reading.delete(id));
    reading.set(id, started);
    return started;
  };

  return {
    findRepresentation: (id) => {
      const entry = entries.get(id);
      onResult(entry === undefined ? 'miss' : 'hit');
      return entry === undefined ? readOnce(id) : Promise.resolve(toDocument(entry));
    },
    changed: (id, document) => {
      setIfNewer(id, document);
      return Promise.resolve();
    },
    erased: (id) => {
      setIfNewer(id, ERASED);
      return Promise.resolve();
    },
  };
};
