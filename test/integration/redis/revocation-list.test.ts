import { randomUUID } from 'node:crypto';

import type { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';

import { makeRedisRevocationList } from '../../../src/redis/revocation-list.ts';
import { eventually } from '../../support/eventually.ts';
import { makeTcpProxy } from '../../support/tcp-proxy.ts';
import { makeTestRedis, type TestRedis } from '../../support/test-redis.ts';
import { appRedis, FAULTS, strike } from './arrange.ts';

const KEY = 'revoked-sessions';
const closers: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A process with a list of its own. */
const startProcess = async (at: TestRedis, { ttlSeconds = 60 } = {}) => {
  const redis: Redis = appRedis(at, { commandTimeoutMs: 1000 }); // a busy machine is no fault
  const errors: unknown[] = [];
  const list = makeRedisRevocationList({ redis, ttlSeconds, onError: (error) => errors.push(error) });
  closers.push(() => {
    redis.disconnect();
  });
  closers.push(() => list.close());
  await list.start();
  return { list, redis, errors };
};

const startProxy = async (at: TestRedis) => {
  const proxy = await makeTcpProxy(at);
  closers.push(() => proxy.close());
  return { proxy, behind: { ...at, host: proxy.host, port: proxy.port } };
};

const knows = (list: { isRevoked(id: string): boolean }, sessionId: string, deadlineMs = 5000): Promise<void> =>
  eventually(
    () => {
      expect(list.isRevoked(sessionId)).toBe(true);
    },
    { deadlineMs },
  );

describe('makeRedisRevocationList', () => {
  it('knows at once what its own process revoked, and nothing else', async () => {
    const { list } = await startProcess(makeTestRedis());
    await list.revoke(['a', 'b']);
    expect(['a', 'b', 'c'].map((id) => list.isRevoked(id))).toEqual([true, true, false]);
  });

  it('reaches another process within a second', async () => {
    const at = makeTestRedis();
    const [one, two] = [await startProcess(at), await startProcess(at)];
    await one.list.revoke(['a']);
    await knows(two.list, 'a', 1000);
  });

  it('tells a process that starts later', async () => {
    const at = makeTestRedis();
    const one = await startProcess(at);
    await one.list.revoke(['a', 'b']);
    const two = await startProcess(at);
    expect(['a', 'b'].map((id) => two.list.isRevoked(id))).toEqual([true, true]);
  });

  it('passes on many sessions that were ended together', async () => {
    const at = makeTestRedis();
    const [one, two] = [await startProcess(at), await startProcess(at)];
    const sessions = Array.from({ length: 2000 }, () => randomUUID());
    await one.list.revoke(sessions);
    await eventually(() => {
      expect(sessions.every((id) => two.list.isRevoked(id))).toBe(true);
    });
  });

  it('forgets a session when none of its tokens can be valid, here and in Redis', async () => {
    const at = makeTestRedis();
    const { list, redis } = await startProcess(at, { ttlSeconds: 0.3 });
    await list.revoke(['a']);
    await eventually(async () => {
      expect(list.isRevoked('a')).toBe(false);
      expect(await redis.exists(KEY)).toBe(0);
    });
  });

  it('prunes what has expired when it adds, so that the set in Redis stays small', async () => {
    const at = makeTestRedis();
    const { list, redis } = await startProcess(at);
    await redis.zadd(KEY, Date.now() - 1, 'expired');
    await list.revoke(['a']);
    expect(await redis.zrange(KEY, '0', '-1')).toEqual(['a']);
  });

  it('starts without Redis, says so once, and catches up when Redis comes', async () => {
    const at = makeTestRedis();
    const { proxy, behind } = await startProxy(at);
    proxy.down();
    const [late, one] = [await startProcess(behind), await startProcess(at)];
    await one.list.revoke(['a']);
    expect(late.errors).toHaveLength(1);
    proxy.up();
    await knows(late.list, 'a');
    expect(late.errors).toHaveLength(1);
  });

  it.each(FAULTS)('keeps its copy during %s, and passes on later what was revoked in it', async (fault) => {
    const at = makeTestRedis();
    const { proxy, behind } = await startProxy(at);
    const [one, two] = [await startProcess(behind), await startProcess(at)];
    await one.list.revoke(['before']);
    strike(proxy, fault);
    await one.list.revoke(['during']);
    expect(['before', 'during'].map((id) => one.list.isRevoked(id))).toEqual([true, true]);
    proxy.up();
    await knows(two.list, 'during');
  });

  it('hears of a session that a server with a clock two seconds behind has added', async () => {
    const at = makeTestRedis();
    const [one, two] = [await startProcess(at), await startProcess(at)];
    await one.list.revoke(['a']);
    await knows(two.list, 'a');
    await one.redis.zadd(KEY, Date.now() + 58_000, 'behind');
    await knows(two.list, 'behind');
  });

  it('reads everything again after a fault, so that a server with an earlier clock is heard', async () => {
    const at = makeTestRedis();
    const { proxy, behind } = await startProxy(at);
    const { list, errors } = await startProcess(behind);
    const other = await startProcess(at);
    await other.list.revoke(['a']);
    await knows(list, 'a');
    proxy.down();
    await eventually(() => {
      expect(errors).toHaveLength(1);
    });
    await other.redis.zadd(KEY, Date.now() - 30_000, 'from the past');
    proxy.up();
    await knows(list, 'from the past');
  });
});
