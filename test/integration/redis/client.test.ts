import { randomUUID } from 'node:crypto';

import type { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';

import { connectIfIdle, makeRedisCheck } from '../../../src/redis/client.ts';
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
  it('rejects a command at once without a connection', async () => {
    const { proxy, behind } = await startProxy();
    proxy.down();
    const redis = keep(appRedis(behind));
    await connectIfIdle(redis);
    const begin = performance.now();
    await expect(redis.get('any')).rejects.toThrow();
    expect(performance.now() - begin).toBeLessThan(40);
  });

  it('connects with the first command', async () => {
    const redis = keep(appRedis(at, { commandTimeoutMs: 5000 }));
    await expect(redis.get('any')).rejects.toThrow();
    await isReady(redis);
    expect(await redis.get('any')).toBeNull();
  });

  it('rejects a command without a reply in time', async () => {
    const { proxy, behind } = await startProxy();
    const redis = keep(appRedis(behind));
    await redis.connect();
    proxy.hang();
    await expect(redis.get('any')).rejects.toThrow('Command timed out');
  });

  it('does not send a command again after the connection is lost', async () => {
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

  it('reports an error once, however often it retries, and again after a connection', async () => {
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
    const reported = errors.length;
    expect(new Set(errors).size).toBe(reported);
    proxy.up();
    await isReady(redis);
    await failFor(3);
    expect(errors.length).toBeGreaterThan(reported);
  });

  it('uses the current password for each connection', async () => {
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

  it('does not connect with a wrong password, and reports the reason', async () => {
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
  it('resolves while Redis replies and rejects while it does not', async () => {
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
