// Redis servers of this test only: they change roles, refuse writes, are full, and come back empty.

import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { makeRedisCheck } from '../../../src/redis/client.ts';
import { makeRedisRevocationList } from '../../../src/redis/revocation-list.ts';
import { eventually } from '../../support/eventually.ts';
import { nativeRedis } from '../../support/native/redis.ts';
import type { RedisServer, Running } from '../../support/servers.ts';
import { makeTcpProxy } from '../../support/tcp-proxy.ts';
import { appRedis, connectedRedis, isReady } from './arrange.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

let servers: [Running<RedisServer>, Running<RedisServer>];
let admins: [Redis, Redis];

const open = (server: RedisServer, keyPrefix = '') => connectedRedis({ ...server, keyPrefix });
const promote = (admin: Redis) => admin.replicaof('NO', 'ONE');
const demote = (admin: Redis, to: RedisServer) => admin.replicaof(to.host, to.port);

beforeAll(async () => {
  servers = await Promise.all([nativeRedis(), nativeRedis()]);
  admins = await Promise.all([open(servers[0].server), open(servers[1].server)]);
  for (const admin of admins) await admin.config('SET', 'repl-diskless-sync-delay', '0');
}, 60_000);
afterAll(async () => {
  for (const admin of admins) admin.disconnect();
  await Promise.all(servers.map(({ stop }) => stop()));
});
beforeEach(async () => {
  for (const admin of admins) {
    await promote(admin);
    await admin.config('SET', 'maxmemory', '0');
    await admin.config('SET', 'min-replicas-to-write', '0');
    await admin.flushall();
  }
});

/** A is the primary and B its replica, and new connections to `entrance` go to the primary. */
const startPair = async () => {
  const [a, b] = [servers[0].server, servers[1].server];
  await demote(admins[1], a);
  await eventually(async () => {
    expect(await admins[1].info('replication')).toContain('master_link_status:up');
  });
  const target = { ...a };
  const proxy = await makeTcpProxy(target);
  closers.push(() => proxy.close());
  return {
    entrance: { host: proxy.host, port: proxy.port, keyPrefix: 'app:' },
    /** As an operator does it: no connection is closed. */
    failOver: async () => {
      await promote(admins[1]);
      await demote(admins[0], b);
      Object.assign(target, b);
    },
    moveTo: (server: RedisServer) => Object.assign(target, server),
  };
};

const startClient = async (at: RedisServer & { keyPrefix: string }): Promise<Redis> => {
  const redis = appRedis(at, { commandTimeoutMs: 1000 });
  closers.push(() => {
    redis.disconnect();
  });
  await redis.connect();
  return redis;
};

const startProcess = async (at: RedisServer & { keyPrefix: string }) => {
  const redis = appRedis(at, { commandTimeoutMs: 1000 });
  closers.push(() => {
    redis.disconnect();
  });
  const list = makeRedisRevocationList({ redis, ttlSeconds: 60, onError: () => undefined });
  closers.push(() => list.close());
  await list.start();
  return { redis, list };
};

const hasRevoked = (list: { isRevoked(id: string): boolean }, sessionId: string, deadlineMs = 1000): Promise<void> =>
  eventually(
    () => {
      expect(list.isRevoked(sessionId)).toBe(true);
    },
    { deadlineMs, everyMs: 10 },
  );

const portOf = async (redis: Redis): Promise<string> =>
  /tcp_port:(\d+)/.exec(await redis.info('server'))?.[1] ?? 'unknown';

describe('a fail-over that closes no connection', () => {
  it('does not keep a logout from the other processes for more than a second', async () => {
    const { entrance, failOver } = await startPair();
    const one = await startProcess(entrance);
    await failOver();
    const two = await startProcess(entrance);

    await one.list.revoke(['logged out']);

    await hasRevoked(two.list, 'logged out');
  });

  it('moves a process that only reads to the new primary', async () => {
    const { entrance, failOver } = await startPair();
    const { redis } = await startProcess(entrance);

    await failOver();

    await eventually(async () => {
      expect(await portOf(redis)).toBe(String(servers[1].server.port));
    });
  });

  it('shares the sessions that the new primary has not received', async () => {
    const { entrance, moveTo } = await startPair();
    const [one, late] = [await startProcess(entrance), await startClient(entrance)];
    await promote(admins[1]); // the replica misses what follows
    await one.list.revoke(['not replicated']);
    await demote(admins[0], servers[1].server);
    moveTo(servers[1].server);
    late.disconnect();

    const two = await startProcess(entrance);

    await hasRevoked(two.list, 'not replicated');
  });
});

describe('a server that came back empty', () => {
  it.each(['on the same connections', 'as another server'])('%s gets the sessions again', async (how) => {
    const { entrance, moveTo } = await startPair();
    await promote(admins[1]);
    const one = await startProcess(entrance);
    await one.list.revoke(['a', 'b']);
    if (how === 'as another server') {
      await admins[1].flushall();
      moveTo(servers[1].server);
      await admins[0].call('CLIENT', 'KILL', 'TYPE', 'normal');
    } else await admins[0].flushall();

    const two = await startProcess(entrance);

    await hasRevoked(two.list, 'a', 2000); // one process sends, then the other one fetches
    await hasRevoked(two.list, 'b', 2000);
  });

  it('gets a session with the rest of its lifetime, not a new one', async () => {
    const [redis] = admins;
    const at = { ...servers[0].server, keyPrefix: 'app:' };
    const one = await startProcess(at);
    await redis.zadd('app:revoked-sessions', Date.now() + 20_000, 'old');
    await hasRevoked(one.list, 'old');

    await redis.flushall();

    await eventually(async () => {
      const leftMs = Number(await redis.zscore('app:revoked-sessions', 'old')) - Date.now();
      expect(leftMs).toBeGreaterThan(10_000);
      expect(leftMs).toBeLessThan(21_000);
    });
  });

  it('that lost some sessions only gets those again, and a running process fetches them', async () => {
    const [redis] = admins;
    const at = { ...servers[0].server, keyPrefix: 'app:' };
    const one = await startProcess(at);
    await one.list.revoke(['newest']);
    await redis.zadd('app:revoked-sessions', Date.now() + 10_000, 'sent again by another process');
    await hasRevoked(one.list, 'sent again by another process', 2000);

    await redis.zrem('app:revoked-sessions', 'newest');

    await eventually(async () => {
      expect(await redis.zscore('app:revoked-sessions', 'newest')).not.toBeNull();
    });
  });
});

describe('a client', () => {
  const WRONG_SERVER: [string, (admin: Redis) => Promise<unknown>][] = [
    ['READONLY', (admin) => demote(admin, servers[1].server)],
    ['NOREPLICAS', (admin) => admin.config('SET', 'min-replicas-to-write', '5')],
  ];
  const WRITES: [string, (redis: Redis) => Promise<unknown>][] = [
    ['a command', (redis) => redis.set('key', '1')],
    ['a script', (redis) => redis.eval(`return redis.call('SET', KEYS[1], '1')`, 1, 'key')],
    ['a pipeline', (redis) => redis.pipeline().get('key').set('key', '1').exec()],
    ['commands of one tick', (redis) => Promise.all([redis.get('key'), redis.set('key', '1'), redis.get('key')])],
  ];

  it.each(WRONG_SERVER.flatMap(([code, spoil]) => WRITES.map(([how, write]) => ({ code, spoil, how, write }))))(
    'connects again when $how is refused with $code, and sends nothing twice',
    async ({ code, spoil, write }) => {
      const target = { ...servers[0].server };
      const proxy = await makeTcpProxy(target);
      closers.push(() => proxy.close());
      const redis = await startClient({ host: proxy.host, port: proxy.port, keyPrefix: 'app:' });
      await spoil(admins[0]);
      Object.assign(target, servers[1].server);

      const outcome = await write(redis).then((results) => (results as [Error][]).flat().map(String).join(), String);

      expect(outcome).toContain(code);
      await eventually(async () => {
        expect(await portOf(redis)).toBe(String(target.port));
      });
      await isReady(redis);
      expect(await redis.get('key')).toBeNull();
    },
  );

  it('connects again at most four times a second while the server stays a replica, and reads meanwhile', async () => {
    const redis = await startClient({ ...servers[0].server, keyPrefix: 'app:' });
    await demote(admins[0], servers[1].server);
    let connections = 0;
    redis.on('ready', () => (connections += 1));
    const begin = performance.now();
    let refused = 0;
    while (performance.now() - begin < 1200) {
      await redis.set('key', '1').catch(() => (refused += 1));
      await redis.get('key').catch(() => undefined);
    }
    expect(refused).toBeGreaterThan(50);
    expect(connections).toBeGreaterThan(0);
    expect(connections).toBeLessThan(7);
  });

  it('keeps its connection to a full server', async () => {
    const redis = await startClient({ ...servers[0].server, keyPrefix: 'app:' });
    await admins[0].config('SET', 'maxmemory', '1');
    const id = await redis.client('ID');
    await expect(redis.set('key', '1')).rejects.toThrow('OOM');
    expect(await redis.client('ID')).toBe(id);
  });
});

describe('makeRedisCheck', () => {
  it.each<[string, (admin: Redis) => Promise<unknown>]>([
    ['a replica', (admin) => demote(admin, servers[1].server)],
    ['full', (admin) => admin.config('SET', 'maxmemory', '1')],
    ['without enough replicas', (admin) => admin.config('SET', 'min-replicas-to-write', '5')],
  ])('rejects when the server is %s, and resolves when it accepts writes again', async (_what, spoil) => {
    const redis = await startClient({ ...servers[0].server, keyPrefix: 'app:' });
    const check = makeRedisCheck(redis);
    await check();
    await spoil(admins[0]);
    await expect(check()).rejects.toThrow();
    await promote(admins[0]);
    await admins[0].config('SET', 'maxmemory', '0');
    await admins[0].config('SET', 'min-replicas-to-write', '0');
    await eventually(check);
  });

  it('rejects when the user may not write', async () => {
    await admins[0].acl('SETUSER', 'reader', 'reset', 'on', '>secret', '~*', '+@read', '+@connection', '+info');
    const redis = appRedis(
      { ...servers[0].server, keyPrefix: 'app:' },
      { username: 'reader', password: () => 'secret' },
    );
    closers.push(() => {
      redis.disconnect();
    });
    await redis.connect();
    await expect(makeRedisCheck(redis)()).rejects.toMatchObject({
      code: 'REDIS_UNAVAILABLE',
      cause: { message: expect.stringContaining('NOPERM') as unknown },
    });
  });
});
