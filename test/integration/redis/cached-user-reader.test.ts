import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { makeCachedUserReader } from '../../../src/redis/cached-user-reader.ts';
import { eventually } from '../../support/eventually.ts';
import { makeTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { makeTestRedis } from '../../support/test-redis.ts';
import { appRedis, connectedRedis, FAULTS, isReady, strike } from './arrange.ts';
import { describeCachedReader, representationOf, setUpCache } from './cached-reader-conformance.ts';

const at = makeTestRedis();
let redis: Redis;

beforeAll(async () => {
  redis = await connectedRedis(at);
});
afterAll(() => {
  redis.disconnect();
});

describeCachedReader('the reader on Redis', (options) => makeCachedUserReader({ redis, ...options }));

describe('entries in Redis', () => {
  const setUp = () => setUpCache((options) => makeCachedUserReader({ redis, ...options }), { ttlSeconds: 10 });

  it('hold version and representation, and expire within the last fifth of their lifetime', async () => {
    const { cache, database, id, filled } = setUp();
    database.users.set(id, representationOf(7));
    await cache.findRepresentation(id);
    await filled();
    expect(await redis.get(`user:${id}`)).toBe(`7|${representationOf(7).json}`);
    const ttlMs = await redis.pttl(`user:${id}`);
    expect(ttlMs).toBeGreaterThan(7000);
    expect(ttlMs).toBeLessThanOrEqual(10_000);
  });

  it('are deleted when the user is erased', async () => {
    const { cache, database, id, filled } = setUp();
    database.users.set(id, representationOf(7));
    await cache.findRepresentation(id);
    await filled();
    await cache.erased(id);
    expect(await redis.exists(`user:${id}`)).toBe(0);
  });

  it('that are tombstones of the previous release are no user', async () => {
    const { cache, database, id } = setUp();
    await redis.set(`user:${id}`, '9007199254740991|');
    expect(await cache.findRepresentation(id)).toBeUndefined();
    expect(database.state.reads).toBe(0);
  });

  it('are filled again although a process ended while it held the lease', async () => {
    const { cache, database, id } = setUp();
    database.users.set(id, representationOf(1));
    await redis.set(`user:${id}`, 'lease|of a process that has ended', 'PX', 100);
    expect(await cache.findRepresentation(id)).toEqual(representationOf(1));
    await eventually(async () => {
      await cache.findRepresentation(id);
      expect(await redis.get(`user:${id}`)).toBe(`1|${representationOf(1).json}`);
    });
  });

  it('are not replaced by the late fill of one process after a change by another', async () => {
    const one = setUp();
    const another = setUp();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    one.database.users.set(one.id, representationOf(1));
    one.database.state.hold = promise.then(() => undefined);
    const late = one.cache.findRepresentation(one.id);
    await eventually(() => {
      expect(one.database.state.reads).toBe(1);
    });
    one.database.users.set(one.id, representationOf(2));
    await another.cache.changed(one.id, representationOf(2));
    resolve(undefined);
    expect(await late).toEqual(representationOf(1));
    await one.filled();
    expect(await one.cache.findRepresentation(one.id)).toEqual(representationOf(2));
  });

  it('that are invalid are read as missing, and replaced', async () => {
    const { cache, database, id, filled } = setUp();
    database.users.set(id, representationOf(1));
    await redis.set(`user:${id}`, 'garbage');
    expect(await cache.findRepresentation(id)).toEqual(representationOf(1));
    await filled();
    expect(await redis.get(`user:${id}`)).toBe(`1|${representationOf(1).json}`);
  });
});

describe('the reader, while Redis', () => {
  let proxy: TcpProxy;
  let client: Redis;

  beforeEach(async () => {
    proxy = await makeTcpProxy(at);
    client = appRedis({ ...at, host: proxy.host, port: proxy.port });
    await client.connect();
  });
  afterEach(async () => {
    client.disconnect();
    await proxy.close();
  });

  const setUp = () => {
    const all = setUpCache((options) => makeCachedUserReader({ redis: client, ...options }));
    all.database.users.set(all.id, representationOf(1));
    return all;
  };

  it('is down, reads from the database and counts errors', async () => {
    const { cache, id, results, filled } = setUp();
    await cache.findRepresentation(id);
    await filled();
    proxy.down();
    await eventually(async () => {
      expect(await cache.findRepresentation(id)).toEqual(representationOf(1));
      expect(results.at(-1)).toBe('error');
    });
  });

  it('is down, tells the caller that the answer did not come from the cache', async () => {
    const { cache, id, results, filled } = setUp();
    await cache.findRepresentation(id);
    await filled();
    proxy.down();
    await eventually(async () => {
      const told: string[] = [];
      await cache.findRepresentation(id, (result) => told.push(result));
      expect([told, results.at(-1)]).toEqual([['miss'], 'error']);
    });
  });

  it('is down, reads the database once for concurrent readers', async () => {
    const { cache, database, id } = setUp();
    proxy.down();
    await eventually(() => {
      expect(client.status).not.toBe('ready');
    });
    await Promise.all(Array.from({ length: 100 }, () => cache.findRepresentation(id)));
    expect(database.state.reads).toBe(1);
  });

  it('is down, accepts changes and erasures without rejecting', async () => {
    const { cache, id, results } = setUp();
    proxy.down();
    await cache.changed(id, representationOf(2));
    await cache.erased(id);
    expect(results).toEqual(['error', 'error']);
  });

  it('is a black hole, waits for it once and then skips it', async () => {
    const { cache, id } = setUp();
    const gets = vi.spyOn(client, 'get');
    proxy.hang();
    const begin = performance.now();
    for (let read = 0; read < 200; read += 1) expect(await cache.findRepresentation(id)).toEqual(representationOf(1));
    expect(performance.now() - begin).toBeLessThan(1000); // 50 ms, and a busy machine; 200 × 50 ms without the circuit breaker
    expect(gets.mock.calls.length).toBeLessThan(5);
  });

  it('is a black hole, closes the silent connection', async () => {
    const { cache, id } = setUp();
    proxy.hang();
    await cache.findRepresentation(id);
    await eventually(() => {
      expect(client.status).not.toBe('ready');
    });
  });

  it.each(FAULTS)('is back after an outage (%s), uses it again', async (fault) => {
    const { cache, id, results } = setUp();
    strike(proxy, fault);
    await cache.findRepresentation(id);
    expect(results).toEqual(['error']);
    proxy.up();
    await isReady(client);
    await eventually(async () => {
      await cache.findRepresentation(id);
      expect(results.at(-1)).toBe('hit');
    });
  });
});
