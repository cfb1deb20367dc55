import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { makeMemoryLimitStore } from '../../../src/rate-limit/memory-limit-store.ts';
import type { LimitStore } from '../../../src/rate-limit/ports.ts';
import { makeRedisLimitStore } from '../../../src/redis/limit-store.ts';
import { eventually } from '../../support/eventually.ts';
import { makeTcpProxy } from '../../support/tcp-proxy.ts';
import { makeTestRedis } from '../../support/test-redis.ts';
import { appRedis, connectedRedis, FAULTS, isReady, strike } from './arrange.ts';

const at = makeTestRedis();
let redis: Redis;
let other: Redis;

beforeAll(async () => {
  [redis, other] = await Promise.all([connectedRedis(at), connectedRedis(at)]);
});
afterAll(() => {
  redis.disconnect();
  other.disconnect();
});

const unused = new Proxy({} as LimitStore, {
  get: (_target, method) => (method === 'remember' || method === 'forget' ? () => undefined : undefined),
});
const storeOn = (client: Redis, name: string, windowSeconds = 60): LimitStore =>
  makeRedisLimitStore({ redis: client, name, windowSeconds, fallback: unused });

const STORES: [string, (name: string, windowSeconds?: number) => LimitStore][] = [
  ['redis', (name, windowSeconds) => storeOn(redis, name, windowSeconds)],
  ['memory', (_name, windowSeconds = 60) => makeMemoryLimitStore({ maxKeys: 100, windowSeconds })],
];
const MINUTE = 60_000;

describe.each(STORES)('the limit store in %s', (_store, makeStore) => {
  it('allows as many attempts as the limit and returns the time until the next one', async () => {
    const store = makeStore('some');
    const decisions = [];
    for (let attempt = 0; attempt < 4; attempt += 1) decisions.push(await store.take('ann', 3));
    expect(decisions.map(({ allowed }) => allowed)).toEqual([true, true, true, false]);
    expect(decisions.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0]);
    expect(decisions[0]?.retryAfterSeconds).toBe(0);
    expect(decisions[3]?.retryAfterSeconds).toBeGreaterThan(55);
    expect(decisions[3]?.retryAfterSeconds).toBeLessThanOrEqual(60);
  });

  it('does not count a refused attempt, and allows one more for each that is given back', async () => {
    const store = makeStore('back');
    for (let attempt = 0; attempt < 5; attempt += 1) await store.take('ann', 2);
    await store.giveBack('ann');
    expect((await store.take('ann', 2)).allowed).toBe(true);
    expect((await store.take('ann', 2)).allowed).toBe(false);
  });

  it('never has more than the limit, however many are given back', async () => {
    const store = makeStore('too-many-back');
    for (let time = 0; time < 3; time += 1) await store.giveBack('ann');
    const decisions = [await store.take('ann', 1), await store.take('ann', 1)];
    expect(decisions.map(({ allowed }) => allowed)).toEqual([true, false]);
  });

  it('starts again with the next window', async () => {
    const store = makeStore('window', 0.2);
    await store.take('ann', 1);
    expect(await store.take('ann', 1)).toMatchObject({ allowed: false, retryAfterSeconds: 1 });
    await eventually(async () => {
      expect(await store.take('ann', 1)).toMatchObject({ allowed: true });
    });
  });

  it('books slots one after the other, and none that is too far away', async () => {
    const store = makeStore('slots');
    const booked = [];
    for (let time = 0; time < 3; time += 1) booked.push(await store.book('ann', 10_000, 15_000));
    expect(booked.map((one) => one.booked)).toEqual([true, true, false]);
    expect(booked[0]?.waitMs).toBe(0);
    expect(booked[1]?.waitMs).toBeGreaterThan(9000);
    expect(booked[2]?.waitMs).toBeGreaterThan(19_000);
  });

  it('offers a slot again once its time has come', async () => {
    const store = makeStore('soon');
    await store.book('ann', 100, 0);
    expect((await store.book('ann', 100, 0)).booked).toBe(false);
    await eventually(async () => {
      expect((await store.book('ann', 100, 0)).booked).toBe(true);
    });
  });

  it('remembers the newest members for as long as it was told to', async () => {
    const store = makeStore('set');
    for (const member of ['one', 'two', 'three']) {
      await store.remember('ann', member, MINUTE, 2);
      await eventually(async () => {
        expect(await store.remembers('ann', member, MINUTE)).toBe(true);
      });
    }
    expect([
      await store.remembers('ann', 'one', MINUTE),
      await store.remembers('ann', 'two', MINUTE),
      await store.remembers('ann', 'three', MINUTE),
      await store.remembers('bob', 'two', MINUTE),
    ]).toEqual([false, true, true, false]);
    await store.remember('bob', 'short', 50, 2);
    await eventually(async () => {
      expect(await store.remembers('bob', 'short', 50)).toBe(false);
    });
  });

  it('forgets a set', async () => {
    const store = makeStore('forgotten');
    await store.remember('ann', 'one', MINUTE, 2);
    await store.forget('ann');
    expect(await store.remembers('ann', 'one', MINUTE)).toBe(false);
  });

  it('counts keys separately', async () => {
    const store = makeStore('apart');
    await store.take('ann', 1);
    expect(await store.take('bob', 1)).toMatchObject({ allowed: true });
  });
});

describe('makeRedisLimitStore', () => {
  it('counts across processes, without losing a concurrent attempt', async () => {
    const stores = [storeOn(redis, 'shared'), storeOn(other, 'shared')];
    const attempts = Array.from({ length: 10 }, () => stores.map(async (store) => store.take('ann', 3)));
    const decisions = await Promise.all(attempts.flat());
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(3);
  });

  it('never leaves a key without an expiry', async () => {
    const store = storeOn(redis, 'endless');
    await redis.set('limit:endless:old', 100);
    expect(await store.take('old', 3)).toEqual({ allowed: false, remaining: 0, retryAfterSeconds: 60 });
    await store.giveBack('never-taken');
    await store.take('new', 3);
    await store.book('slot', 1000, 0);
    await store.remember('set', 'member', 1000, 3);
    const ttls = await Promise.all(['old', 'new', 'slot', 'set'].map((key) => redis.pttl(`limit:endless:${key}`)));
    expect(Math.min(...ttls)).toBeGreaterThan(0);
    expect(await redis.exists('limit:endless:never-taken')).toBe(0);
  });
});

describe('makeRedisLimitStore, during an outage of Redis', () => {
  it.each(FAULTS)('uses the fallback (%s), which knows what was remembered, and returns to Redis', async (fault) => {
    const proxy = await makeTcpProxy(at);
    const client = appRedis({ ...at, host: proxy.host, port: proxy.port }, { commandTimeoutMs: 300 });
    await client.connect();
    const errors: unknown[] = [];
    const onError = (error: unknown): unknown => errors.push(error);
    const fallback = makeMemoryLimitStore({ maxKeys: 100 });
    const store = makeRedisLimitStore({ redis: client, name: fault, fallback, onError });
    await store.remember('known', 'home', MINUTE, 3);
    for (let attempt = 0; attempt < 3; attempt += 1) await store.take('ann', 3);

    strike(proxy, fault);
    expect((await store.take('ann', 1)).allowed).toBe(true);
    expect((await store.take('ann', 1)).allowed).toBe(false);
    await store.giveBack('ann');
    expect((await store.take('ann', 1)).allowed).toBe(true);
    expect((await store.book('ann', 1000, 0)).booked).toBe(true);
    expect((await store.book('ann', 1000, 0)).booked).toBe(false);
    expect(await store.remembers('known', 'home', MINUTE)).toBe(true);
    await store.remember('known', 'work', MINUTE, 3);
    expect(await store.remembers('known', 'work', MINUTE)).toBe(true);
    await store.forget('known');
    expect(await store.remembers('known', 'home', MINUTE)).toBe(false);
    expect(errors).toHaveLength(1);

    proxy.up();
    await isReady(client);
    await eventually(async () => {
      expect((await store.take('ann', 3)).allowed).toBe(false);
    });
    client.disconnect();
    await proxy.close();
  });
});
