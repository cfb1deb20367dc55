import { randomUUID } from 'node:crypto';

import type { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';

import { connectIfIdle } from '../../../src/redis/client.ts';
import { makeRedisCheck } from '../../../src/redis/redis-check.ts';
import { eventually } from '../../support/eventually.ts';
import { makeTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { makeTestRedis } from '../../support/test-redis.ts';
import { appRedis, connectedRedis, isReady } from './arrange.ts';

const at = makeTestRedis();
const clients: Redis[] = [];
const proxies: TcpProxy[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

const keep = (client: Redis): Redis => {
  clients.push(client);
  return client;
};
const startProxy = async () => {
  const proxy = await makeTcpProxy(at);
  proxies.push(proxy);
  return { proxy, behind: { ...at, host: proxy.host, port: proxy.port } };
};

describe('makeRedis', () => {
  it('refuses a command at once when there is no connection', async () => {
    const { proxy, behind } = await startProxy();
    proxy.down();
    const redis = keep(appRedis(behind));
    await connectIfIdle(redis);
    const begin = performance.now();
    await expect(redis.get('any')).rejects.toThrow();
    expect(performance.now() - begin).toBeLessThan(40);
  });

  it('begins to connect with the first command', async () => {
    const redis = keep(appRedis(at, { commandTimeoutMs: 5000 }));
    await expect(redis.get('any')).rejects.toThrow();
    await isReady(redis);
    expect(await redis.get('any')).toBeNull();
  });

  it('ends a command that is not answered in time', async () => {
    const { proxy, behind } = await startProxy();
    const redis = keep(appRedis(behind));
    await redis.connect();
    proxy.hang();
    await expect(redis.get('any')).rejects.toThrow('Command timed out');
  });

  it('does not send a command again after the connection was lost', async () => {
    const { proxy, behind } = await startProxy();
    const redis = keep(await connectedRedis(behind));
    proxy.hang();
    const lost = redis.incr('counter');
    lost.catch(() => undefined);
    await eventually(() => {
      expect(redis.autoPipelineQueueSize).toBe(0); // it has been sent
    });
    proxy.up(); // that cuts the connection
    await expect(lost).rejects.toThrow();
    await isReady(redis);
    expect(await redis.get('counter')).toBeNull();
  });

  it('tells a fault once, however often it tries, and again after it was connected', async () => {
    const { proxy, behind } = await startProxy();
    const errors: string[] = [];
    let attempts = 0;
    const redis = keep(appRedis(behind, { onError: ({ message }) => errors.push(message) }));
    redis.on('close', () => (attempts += 1));
    await redis.connect();
    const failFor = async (times: number): Promise<void> => {
      attempts = 0;
      proxy.down();
      await eventually(() => {
        expect(attempts).toBeGreaterThan(times);
      });
    };
    await failFor(3);
    const told = errors.length;
    expect(new Set(errors).size).toBe(told);
    proxy.up();
    await isReady(redis);
    await failFor(3);
    expect(errors.length).toBeGreaterThan(told);
  });

  it('takes the newest password each time it connects', async () => {
    const admin = keep(await connectedRedis(at));
    const username = `rotated-${randomUUID()}`;
    const setPassword = (password: string) =>
      admin.acl('SETUSER', username, 'resetpass', 'on', `>${password}`, '~*', '+@all');
    let password = 'first';
    await setPassword(password);
    const redis = keep(await connectedRedis(at, { username, password: () => password }));
    expect(await redis.acl('WHOAMI')).toBe(username);

    password = 'second';
    await setPassword(password);
    const ended = new Promise((resolve) => redis.once('close', resolve));
    await admin.client('KILL', 'USER', username);
    await ended;
    await isReady(redis);
    expect(await redis.acl('WHOAMI')).toBe(username);
    await admin.acl('DELUSER', username);
  });

  it('does not get in with a wrong password, and tells why', async () => {
    const errors: string[] = [];
    const redis = keep(
      appRedis(at, {
        commandTimeoutMs: 5000,
        username: 'nobody',
        password: () => 'wrong',
        onError: (e) => errors.push(e.message),
      }),
    );
    await connectIfIdle(redis);
    expect(redis.status).not.toBe('ready');
    expect(errors.join()).toMatch(/WRONGPASS/);
  });
});

describe('makeRedisCheck', () => {
  it('resolves while Redis answers and rejects while it does not', async () => {
    const { proxy, behind } = await startProxy();
    const redis = keep(appRedis(behind, { commandTimeoutMs: 500 }));
    await redis.connect();
    const check = makeRedisCheck(redis);
    await check();
    proxy.hang();
    await expect(check()).rejects.toThrow();
    proxy.up();
    await eventually(check);
  });
});
