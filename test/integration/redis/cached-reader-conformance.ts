// The contract of every cache around the reader port, whatever stores its entries.

import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import type { UserCache, UserReader } from '../../../src/users/reader.ts';
import type { UserRepresentation } from '../../../src/users/user-representation.ts';
import type { UserId } from '../../../src/users/user.ts';
import { eventually } from '../../support/eventually.ts';

export type CacheOptions = {
  readonly reader: UserReader;
  readonly ttlSeconds: number;
  readonly negativeTtlSeconds: number;
  readonly onResult: (result: 'hit' | 'miss' | 'error') => void;
};
export type MakeCache = (options: CacheOptions) => UserReader & UserCache;

export const representationOf = (version: number, name = 'Ann'): UserRepresentation => ({
  version,
  json: JSON.stringify({ name: `${name} ü | 😀`, version }),
});

/** A fake database whose reads can be delayed: a read waits for `hold` after it has read. */
export const makeFakeDatabase = () => {
  const users = new Map<UserId, UserRepresentation>();
  const state = { reads: 0, hold: Promise.resolve() };
  const findRepresentation = async (id: UserId): Promise<UserRepresentation | undefined> => {
    state.reads += 1;
    const found = users.get(id);
    await state.hold;
    return found;
  };
  return { users, state, findRepresentation };
};

export const setUpCache = (
  makeCache: MakeCache,
  options: { ttlSeconds?: number; negativeTtlSeconds?: number } = {},
) => {
  const database = makeFakeDatabase();
  const results: string[] = [];
  const cache = makeCache({
    reader: database,
    ttlSeconds: 60,
    negativeTtlSeconds: 60,
    onResult: (result) => results.push(result),
    ...options,
  });
  const id = randomUUID();
  /** Resolves when a look-up is a hit: the fill of an earlier read has arrived. */
  const filled = (): Promise<void> =>
    eventually(async () => {
      await cache.findRepresentation(id);
      expect(results.at(-1)).toBe('hit');
    });
  return { cache, database, results, id, filled };
};

export const describeCachedReader = (name: string, makeCache: MakeCache): void => {
  describe(`${name}, as every cached reader`, () => {
    it('serves the second read without the database, byte for byte', async () => {
      const { cache, database, results, id, filled } = setUpCache(makeCache);
      database.users.set(id, representationOf(1));
      const first = await cache.findRepresentation(id);
      await filled();
      expect([first, await cache.findRepresentation(id)]).toEqual([representationOf(1), representationOf(1)]);
      expect(database.state.reads).toBe(1);
      expect([results[0], results.at(-1)]).toEqual(['miss', 'hit']);
    });

    it('tells each caller whether the answer came from the cache, also for a user that does not exist', async () => {
      const { cache, id, filled } = setUpCache(makeCache);
      const told: string[] = [];
      const read = () => cache.findRepresentation(id, (result) => told.push(result));
      await Promise.all([read(), read()]);
      await filled();
      await read();
      expect(told).toEqual(['miss', 'miss', 'hit']);
    });

    it('caches that there is no such user', async () => {
      const { cache, database, id, filled } = setUpCache(makeCache);
      expect(await cache.findRepresentation(id)).toBeUndefined();
      await filled();
      expect(await cache.findRepresentation(id)).toBeUndefined();
      expect(database.state.reads).toBe(1);
    });

    it('replaces a negative entry when the user appears', async () => {
      const { cache, database, id, filled } = setUpCache(makeCache);
      await cache.findRepresentation(id);
      await filled();
      database.users.set(id, representationOf(1));
      await cache.changed(id, representationOf(1));
      expect(await cache.findRepresentation(id)).toEqual(representationOf(1));
    });

    it('reads the database once for 5,000 concurrent readers', async () => {
      const { cache, database, results, id } = setUpCache(makeCache);
      database.users.set(id, representationOf(1));
      const users = await Promise.all(Array.from({ length: 5000 }, () => cache.findRepresentation(id)));
      expect(users.every((user) => user?.json === representationOf(1).json)).toBe(true);
      expect(database.state.reads).toBe(1);
      expect(new Set(results)).toEqual(new Set(['miss']));
    });

    it('serves a change at once', async () => {
      const { cache, database, id, filled } = setUpCache(makeCache);
      database.users.set(id, representationOf(1));
      await cache.findRepresentation(id);
      await filled();
      database.users.set(id, representationOf(2));
      await cache.changed(id, representationOf(2));
      expect(await cache.findRepresentation(id)).toEqual(representationOf(2));
    });

    it('keeps the newer of two changes that arrive in the wrong order', async () => {
      const { cache, database, id } = setUpCache(makeCache);
      database.users.set(id, representationOf(10));
      await cache.changed(id, representationOf(10));
      await cache.changed(id, representationOf(9));
      expect(await cache.findRepresentation(id)).toEqual(representationOf(10));
    });

    it('drops a fill that was read before a change', async () => {
      const { cache, database, id, filled } = setUpCache(makeCache);
      const { promise, resolve } = Promise.withResolvers<undefined>();
      database.users.set(id, representationOf(1));
      database.state.hold = promise.then(() => undefined);
      const late = cache.findRepresentation(id);
      await eventually(() => {
        expect(database.state.reads).toBe(1);
      });
      database.users.set(id, representationOf(2));
      await cache.changed(id, representationOf(2));
      resolve(undefined);
      await late;
      await filled();
      expect(await cache.findRepresentation(id)).toEqual(representationOf(2));
    });

    it('drops a fill that was read before an erasure', async () => {
      const { cache, database, id } = setUpCache(makeCache);
      const { promise, resolve } = Promise.withResolvers<undefined>();
      database.users.set(id, representationOf(1));
      database.state.hold = promise.then(() => undefined);
      const late = cache.findRepresentation(id);
      await eventually(() => {
        expect(database.state.reads).toBe(1);
      });
      database.users.delete(id);
      await cache.erased(id);
      resolve(undefined);
      await late;
      expect(await cache.findRepresentation(id)).toBeUndefined();
    });

    it('returns no user after an erasure, whatever change arrives later', async () => {
      const { cache, database, id, filled } = setUpCache(makeCache);
      database.users.set(id, representationOf(3));
      await cache.findRepresentation(id);
      await filled();
      database.users.delete(id);
      await cache.erased(id);
      await cache.changed(id, representationOf(4));
      expect(await cache.findRepresentation(id)).toBeUndefined();
    });

    it('reads the database again when the entry has expired', async () => {
      const { cache, database, id } = setUpCache(makeCache, { ttlSeconds: 0.2 });
      database.users.set(id, representationOf(1));
      const filledAt = performance.now();
      await cache.findRepresentation(id);
      database.users.set(id, representationOf(2));
      await eventually(
        async () => {
          expect(await cache.findRepresentation(id)).toEqual(representationOf(2));
        },
        { deadlineMs: 2000, everyMs: 5 },
      );
      expect(performance.now() - filledAt).toBeGreaterThan(140);
    });

    it('reads the database again for a missing user when the negative entry has expired', async () => {
      const { cache, database, id } = setUpCache(makeCache, { negativeTtlSeconds: 0.1 });
      await cache.findRepresentation(id);
      database.users.set(id, representationOf(1));
      await eventually(async () => {
        expect(await cache.findRepresentation(id)).toEqual(representationOf(1));
      });
    });

    it('rejects every concurrent read when the database fails, and caches nothing', async () => {
      const { cache, database, id } = setUpCache(makeCache);
      const { promise, reject } = Promise.withResolvers<undefined>();
      database.state.hold = promise.then(() => undefined);
      const readers = Promise.allSettled([cache.findRepresentation(id), cache.findRepresentation(id)]);
      await eventually(() => {
        expect(database.state.reads).toBe(1);
      });
      reject(new Error('no connection'));
      expect((await readers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      database.state.hold = Promise.resolve();
      database.users.set(id, representationOf(1));
      await eventually(async () => {
        expect(await cache.findRepresentation(id)).toEqual(representationOf(1));
      });
    });
  });
};
