// What must not come back from the cache: an older version or an erased user, when entries are evicted, Redis is full or unreachable, or a
// fail-over loses a write.

import { randomInt } from 'node:crypto';

import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { makeCachedUserReader } from '../../../src/redis/cached-user-reader.ts';
import { eventually } from '../../support/eventually.ts';
import { nativeRedis } from '../../support/native/redis.ts';
import type { RedisServer, Running } from '../../support/servers.ts';
import { makeTcpProxy } from '../../support/tcp-proxy.ts';
import { makeTestRedis } from '../../support/test-redis.ts';
import { appRedis, connectedRedis, isReady } from './arrange.ts';
import { representationOf, setUpCache } from './cached-reader-conformance.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
const keep = (redis: Redis): Redis => {
  closers.push(() => {
    redis.disconnect();
  });
  return redis;
};

const setUpOn = (redis: Redis) => setUpCache((options) => makeCachedUserReader({ redis, ...options }));

/** A read of the database that began before a change and ends when `release` is called. */
const startLateRead = async ({ cache, database, id }: ReturnType<typeof setUpOn>) => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const before = database.state.hold;
  database.state.hold = promise.then(() => undefined);
  const late = cache.findRepresentation(id);
  await eventually(() => {
    expect(database.state.reads).toBeGreaterThan(0);
  });
  database.state.hold = before;
  return async (): Promise<void> => {
    resolve(undefined);
    await late;
  };
};

describe('a read that began before a change', () => {
  const at = makeTestRedis();
  const twoProcesses = async () => {
    const [one, another] = [keep(await connectedRedis(at)), keep(await connectedRedis(at))];
    const [late, changing] = [setUpOn(one), setUpOn(another)];
    late.database.users.set(late.id, representationOf(1));
    return { late, changing, id: late.id, redis: one };
  };

  it.each(['changed', 'erased'] as const)(
    'does not fill the cache after its user was %s, even when the entry is evicted in between',
    async (what) => {
      const { late, changing, id, redis } = await twoProcesses();
      const release = await startLateRead(late);
      if (what === 'changed') late.database.users.set(id, representationOf(2));
      else late.database.users.delete(id);
      await (what === 'changed' ? changing.cache.changed(id, representationOf(2)) : changing.cache.erased(id));
      await redis.del(`user:${id}`);

      await release();

      await late.filled();
      expect(await late.cache.findRepresentation(id)).toEqual(what === 'changed' ? representationOf(2) : undefined);
    },
  );

  it('is not joined by a reader that comes after the change', async () => {
    const { late, changing, id } = await twoProcesses();
    const release = await startLateRead(late);
    late.database.users.set(id, representationOf(2));
    await changing.cache.changed(id, representationOf(2));

    expect(await late.cache.findRepresentation(id)).toEqual(representationOf(2));

    await release();
  });

  it('does not restore an older version when two changes arrive in the wrong order around an eviction', async () => {
    const { late, changing, id, redis } = await twoProcesses();
    late.database.users.set(id, representationOf(3));
    await changing.cache.changed(id, representationOf(3));
    await redis.del(`user:${id}`);
    await late.cache.changed(id, representationOf(2));

    expect(await late.cache.findRepresentation(id)).toEqual(representationOf(3));
    await changing.cache.erased(id);
    late.database.users.delete(id);
    expect(await late.cache.findRepresentation(id)).toBeUndefined();
    await late.cache.changed(id, representationOf(2));
    expect(await late.cache.findRepresentation(id)).toBeUndefined();
  });

  it('is never the source of a stale read, while entries are evicted every 5 ms', { timeout: 20_000 }, async () => {
    const { late, changing, id, redis } = await twoProcesses();
    const { users } = late.database;
    changing.database.users.set(id, representationOf(1));
    const slowly = () => new Promise<undefined>((resolve) => setTimeout(resolve, randomInt(8), undefined));
    for (const { database } of [late, changing]) Object.defineProperty(database.state, 'hold', { get: slowly });
    const evicting = setInterval(() => void redis.del(`user:${id}`).catch(() => undefined), 5);
    let acknowledged = 1;
    let stale = 0;
    let reads = 0;
    const until = performance.now() + 3000;
    const read = async (cache: typeof late.cache): Promise<void> => {
      while (performance.now() < until) {
        const atLeast = acknowledged;
        const found = await cache.findRepresentation(id);
        reads += 1;
        if ((found?.version ?? 0) < atLeast) stale += 1;
        await new Promise(setImmediate);
      }
    };
    const change = async (): Promise<void> => {
      let version = 1;
      while (performance.now() < until) {
        version += 1;
        users.set(id, representationOf(version));
        changing.database.users.set(id, representationOf(version));
        await (version % 2 ? late : changing).cache.changed(id, representationOf(version));
        acknowledged = version;
        await slowly();
      }
    };
    await Promise.all([change(), ...Array.from({ length: 4 }, (_, n) => read((n % 2 ? late : changing).cache))]);
    clearInterval(evicting);
    expect(reads).toBeGreaterThan(500);
    expect(stale).toBe(0);
  });
});

describe('on a server of its own', () => {
  let server: Running<RedisServer>;
  let admin: Redis;
  beforeAll(async () => {
    server = await nativeRedis();
    admin = await connectedRedis({ ...server.server, keyPrefix: '' });
  }, 60_000);
  afterAll(async () => {
    admin.disconnect();
    await server.stop();
  });
  beforeEach(async () => {
    await admin.config('SET', 'maxmemory', '0');
    await admin.config('SET', 'min-replicas-to-write', '0');
    await admin.flushall();
  });

  const at = (from: RedisServer = server.server) => ({ ...from, keyPrefix: 'app:' });
  const cached = async (all: ReturnType<typeof setUpOn>, version = 1): Promise<void> => {
    all.database.users.set(all.id, representationOf(version));
    await all.cache.findRepresentation(all.id);
    await all.filled();
  };
  const erase = async ({ cache, database, id }: ReturnType<typeof setUpOn>): Promise<void> => {
    database.users.delete(id);
    await cache.erased(id);
  };

  it('a full Redis forgets an erased and a changed user at once, for every process, and keeps serving hits', async () => {
    const [one, another] = [keep(await connectedRedis(at())), keep(await connectedRedis(at()))];
    const [erasing, reading, other] = [setUpOn(one), setUpOn(another), setUpOn(one)];
    await cached(erasing);
    await cached(other);
    await admin.config('SET', 'maxmemory', '1');
    reading.database.users.set(erasing.id, representationOf(1));
    expect(await reading.cache.findRepresentation(erasing.id)).toEqual(representationOf(1));

    await erase(erasing);
    reading.database.users.delete(erasing.id);

    expect(await reading.cache.findRepresentation(erasing.id)).toBeUndefined();
    expect(await erasing.cache.findRepresentation(erasing.id)).toBeUndefined();
    await other.cache.findRepresentation(other.id);
    expect(other.results.at(-1)).toBe('hit');
    other.database.users.set(other.id, representationOf(2));
    await other.cache.changed(other.id, representationOf(2));
    expect(await other.cache.findRepresentation(other.id)).toEqual(representationOf(2));
  });

  it('a Redis that refuses every write is asked again until it accepts, and this process does not use its entry', async () => {
    const [one, another] = [keep(await connectedRedis(at())), keep(await connectedRedis(at()))];
    const [erasing, reading] = [setUpOn(one), setUpOn(another)];
    await cached(erasing);
    await admin.config('SET', 'min-replicas-to-write', '5');

    await erase(erasing);

    await isReady(one);
    expect(await erasing.cache.findRepresentation(erasing.id)).toBeUndefined();
    expect(await reading.cache.findRepresentation(erasing.id)).toEqual(representationOf(1)); // the limit of the promise
    await admin.config('SET', 'min-replicas-to-write', '0');
    await eventually(async () => {
      expect(await reading.cache.findRepresentation(erasing.id)).toBeUndefined();
    });
  });

  it('an unreachable Redis is asked again after it is back', async () => {
    const proxy = await makeTcpProxy(server.server);
    closers.push(() => proxy.close());
    const one = keep(appRedis(at(proxy)));
    await one.connect();
    const [erasing, reading] = [setUpOn(one), setUpOn(keep(await connectedRedis(at())))];
    await cached(erasing);
    proxy.down();
    await erase(erasing);
    expect(await erasing.cache.findRepresentation(erasing.id)).toBeUndefined();

    proxy.up();

    await eventually(async () => {
      expect(await reading.cache.findRepresentation(erasing.id)).toBeUndefined();
    });
  });

  it('a server that missed the invalidation, as after a fail-over, gets it again', async () => {
    const one = keep(await connectedRedis(at()));
    const erasing = setUpOn(one);
    await cached(erasing);
    const key = `app:user:${erasing.id}`;
    const lost = (await admin.get(key)) ?? '';
    await erase(erasing);
    await admin.set(key, lost);

    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');

    await eventually(async () => {
      expect(await admin.get(key)).toBeNull();
    });
  });
});
