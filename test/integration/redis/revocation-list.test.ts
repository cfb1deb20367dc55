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
  const redis: Redis = appRedis(at, { commandTimeoutMs: 1000 }); // a busy machine must not look like an outage
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

const hasRevoked = (list: { isRevoked(id: string): boolean }, sessionId: string, deadlineMs = 5000): Promise<void> =>
  eventually(
    () => {
      expect(list.isRevoked(sessionId)).toBe(true);
    },
    { deadlineMs },
  );

describe('makeRedisRevocationList', () => {
  it('has the sessions that its own process revoked at once, and no others', async () => {
    const { list } = await startProcess(makeTestRedis());
    await list.revoke(['a', 'b']);
    expect(['a', 'b', 'c'].map((id) => list.isRevoked(id))).toEqual([true, true, false]);
  });

  it('reaches another process within a second', async () => {
    const at = makeTestRedis();
    const [one, two] = [await startProcess(at), await startProcess(at)];
    await one.list.revoke(['a']);
    await hasRevoked(two.list, 'a', 1000);
  });

  it('reaches a process that starts later', async () => {
    const at = makeTestRedis();
    const one = await startProcess(at);
    await one.list.revoke(['a', 'b']);
    const two = await startProcess(at);
    expect(['a', 'b'].map((id) => two.list.isRevoked(id))).toEqual([true, true]);
  });

  it('shares many sessions that were revoked together', async () => {
    const at = makeTestRedis();
    const [one, two] = [await startProcess(at), await startProcess(at)];
    const sessions = Array.from({ length: 2000 }, () => randomUUID());
    await one.list.revoke(sessions);
    await eventually(() => {
      expect(sessions.every((id) => two.list.isRevoked(id))).toBe(true);
    });
  });

  it('removes a session when its tokens have expired, here and in Redis', async () => {
    const at = makeTestRedis();
    const { list, redis } = await startProcess(at, { ttlSeconds: 0.3 });
    await list.revoke(['a']);
    await eventually(async () => {
      expect(list.isRevoked('a')).toBe(false);
      expect(await redis.exists(KEY)).toBe(0);
    });
  });

  it('removes expired sessions when it adds others, so that the set in Redis stays small', async () => {
    const at = makeTestRedis();
    const { list, redis } = await startProcess(at);
    await redis.zadd(KEY, Date.now() - 1, 'expired');
    await list.revoke(['a']);
    expect(await redis.zrange(KEY, '0', '-1')).toEqual(['a']);
  });

  it('starts without Redis, reports that once, and catches up when Redis is available', async () => {
    const at = makeTestRedis();
    const { proxy, behind } = await startProxy(at);
    proxy.down();
    const [late, one] = [await startProcess(behind), await startProcess(at)];
    await one.list.revoke(['a']);
    expect(late.errors).toHaveLength(1);
    proxy.up();
    await hasRevoked(late.list, 'a');
    expect(late.errors).toHaveLength(1);
  });

  it.each(FAULTS)(
    'keeps its copy during an outage (%s), and shares later what was revoked meanwhile',
    async (fault) => {
      const at = makeTestRedis();
      const { proxy, behind } = await startProxy(at);
      const [one, two] = [await startProcess(behind), await startProcess(at)];
      await one.list.revoke(['before']);
      strike(proxy, fault);
      await one.list.revoke(['during']);
      expect(['before', 'during'].map((id) => one.list.isRevoked(id))).toEqual([true, true]);
      proxy.up();
      await hasRevoked(two.list, 'during');
    },
  );

  it('fetches a session that a server with a clock two seconds behind has added', async () => {
    const at = makeTestRedis();
    const [one, two] = [await startProcess(at), await startProcess(at)];
    await one.list.revoke(['a']);
    await hasRevoked(two.list, 'a');
    await one.redis.zadd(KEY, Date.now() + 58_000, 'behind');
    await hasRevoked(two.list, 'behind');
  });

  it('fetches a session that was added with an early expiry during an outage', async () => {
    const at = makeTestRedis();
    const { proxy, behind } = await startProxy(at);
    const { list, errors } = await startProcess(behind);
    const other = await startProcess(at);
    await other.list.revoke(['a']);
    await hasRevoked(list, 'a');
    proxy.down();
    await eventually(() => {
      expect(errors).toHaveLength(1);
    });
    await other.redis.zadd(KEY, Date.now() + 20_000, 'early');
    proxy.up();
    await hasRevoked(list, 'early');
  });
});
