import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { AttemptLimit } from '../../../src/rate-limit/ports.ts';
import { makeRedisAttemptLimit } from '../../../src/redis/attempt-limit.ts';
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

const FROM_FALLBACK = { allowed: true, remaining: 77, retryAfterSeconds: 0 };
const fallback: AttemptLimit = { take: () => FROM_FALLBACK };
const makeLimit = (client: Redis, name: string, windowSeconds = 60) =>
  makeRedisAttemptLimit({ redis: client, name, limit: 3, windowSeconds, fallback });

describe('makeRedisAttemptLimit', () => {
  it('allows as many attempts as the limit and returns the time until the next one', async () => {
    const limit = makeLimit(redis, 'some');
    const decisions = [];
    for (let attempt = 0; attempt < 4; attempt += 1) decisions.push(await limit.take('ann'));
    expect(decisions.map(({ allowed }) => allowed)).toEqual([true, true, true, false]);
    expect(decisions.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0]);
    expect(decisions[0]?.retryAfterSeconds).toBe(0);
    expect(decisions[3]?.retryAfterSeconds).toBeGreaterThan(55);
    expect(decisions[3]?.retryAfterSeconds).toBeLessThanOrEqual(60);
  });

  it('counts keys and limits separately', async () => {
    await Promise.all(Array.from({ length: 3 }, () => makeLimit(redis, 'apart').take('ann')));
    expect(await makeLimit(redis, 'apart').take('bob')).toMatchObject({ remaining: 2 });
    expect(await makeLimit(redis, 'apart-too').take('ann')).toMatchObject({ remaining: 2 });
  });

  it('counts across processes, without losing a concurrent attempt', async () => {
    const limits = [makeLimit(redis, 'shared'), makeLimit(other, 'shared')];
    const decisions = await Promise.all(
      Array.from({ length: 10 }, () => limits.map((limit) => limit.take('ann'))).flat(),
    );
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(3);
  });

  it('starts again with the next window', async () => {
    const limit = makeLimit(redis, 'window', 0.2);
    await Promise.all(Array.from({ length: 3 }, () => limit.take('ann')));
    expect(await limit.take('ann')).toMatchObject({ allowed: false, retryAfterSeconds: 1 });
    await eventually(async () => {
      expect(await limit.take('ann')).toMatchObject({ allowed: true });
    });
  });

  it('never leaves a counter without an expiry', async () => {
    await redis.set('limit:endless:ann', 100);
    const decision = await makeLimit(redis, 'endless').take('ann');
    expect(decision).toEqual({ allowed: false, remaining: 0, retryAfterSeconds: 60 });
  });
});

describe('makeRedisAttemptLimit, during an outage of Redis', () => {
  it.each(FAULTS)('uses the fallback (%s), reports that once, and returns to Redis', async (fault) => {
    const proxy = await makeTcpProxy(at);
    const client = appRedis({ ...at, host: proxy.host, port: proxy.port });
    await client.connect();
    const errors: unknown[] = [];
    const limit = makeRedisAttemptLimit({
      redis: client,
      name: fault,
      limit: 3,
      windowSeconds: 60,
      fallback,
      onError: (error) => errors.push(error),
    });
    strike(proxy, fault);
    expect(await limit.take('ann')).toEqual(FROM_FALLBACK);
    expect(await limit.take('ann')).toEqual(FROM_FALLBACK);
    expect(errors).toHaveLength(1);
    proxy.up();
    await isReady(client);
    await eventually(async () => {
      expect(await limit.take('ann')).not.toEqual(FROM_FALLBACK);
    });
    client.disconnect();
    await proxy.close();
  });
});
