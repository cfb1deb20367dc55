// Stores and cache of the service on PostgreSQL and Redis in containers, joined by one network.

import { Redis } from 'ioredis';
import type pg from 'pg';
import { GenericContainer, Network, Wait, type StartedNetwork, type StartedTestContainer } from 'testcontainers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { makePool } from '../../src/postgres/pool.ts';
import { makeRegistrationStore } from '../../src/postgres/users/registration-store.ts';
import { makeUserReader } from '../../src/postgres/users/user-reader.ts';
import { makeCachedUserReader } from '../../src/redis/cached-user-reader.ts';
import { makeRedis } from '../../src/redis/client.ts';
import { userRegistered } from '../../src/users/events.ts';
import { toUserRepresentation } from '../../src/users/user-representation.ts';
import type { User } from '../../src/users/user.ts';
import { isDockerReachable } from '../support/docker-engine.ts';
import { IMAGES } from '../support/docker-servers.ts';
import { LOGINS, makeTemplates } from '../support/template-database.ts';

const hasEngine = await isDockerReachable();
if (!hasEngine) process.stdout.write('SKIPPED: the component test, because no Docker engine is available.\n');

const ADMIN = { user: 'postgres', password: 'postgres' };
const KEY_PREFIX = 'component:';
const PHC = '$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA';

const ann: User = {
  id: '0199aabb-ccdd-7eef-8011-223344556677',
  username: 'ann',
  name: 'Ann Lee',
  email: 'ann@example.com',
  version: 1,
  createdAt: new Date('2026-01-02T03:04:05.678Z'),
  updatedAt: new Date('2026-01-02T03:04:05.678Z'),
};

const startPostgres = (network: StartedNetwork): Promise<StartedTestContainer> =>
  new GenericContainer(IMAGES.postgres)
    .withNetwork(network)
    .withNetworkAliases('postgres')
    .withEnvironment({ POSTGRES_PASSWORD: ADMIN.password })
    .withExposedPorts(5432)
    .withHealthCheck({
      test: ['CMD-SHELL', 'pg_isready -h 127.0.0.1 -U postgres'],
      interval: 250,
      retries: 240,
      timeout: 1000,
    })
    .withWaitStrategy(Wait.forHealthCheck())
    .start();

const startRedis = (network: StartedNetwork): Promise<StartedTestContainer> =>
  new GenericContainer(IMAGES.redis)
    .withNetwork(network)
    .withNetworkAliases('redis')
    .withExposedPorts(6379)
    .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/))
    .start();

describe.runIf(hasEngine)('a registered user, on containers', () => {
  let network: StartedNetwork;
  let containers: { readonly postgres: StartedTestContainer; readonly redis: StartedTestContainer };
  let pool: pg.Pool;
  let redis: ReturnType<typeof makeRedis>;

  // The engine chooses the ports, so the connection settings come from the containers.

  const connectPostgres = async (): Promise<void> => {
    const at = { host: containers.postgres.getHost(), port: containers.postgres.getMappedPort(5432) };
    const { names } = await makeTemplates({ ...at, ...ADMIN });
    pool = makePool({
      ...at,
      database: names.migrated,
      user: LOGINS.appUser,
      password: () => LOGINS.appPassword,
      tls: 'disable',
      max: 2,
      connectTimeoutMs: 5000,
      statementTimeoutMs: 5000,
      lockTimeoutMs: 5000,
      idleInTransactionTimeoutMs: 5000,
      applicationName: 'component-test',
      onError: () => undefined,
    });
  };

  const redisAt = () => ({ host: containers.redis.getHost(), port: containers.redis.getMappedPort(6379) });

  const connectRedis = async (): Promise<void> => {
    redis = makeRedis({
      ...redisAt(),
      tls: false,
      keyPrefix: KEY_PREFIX,
      connectTimeoutMs: 5000,
      commandTimeoutMs: 5000,
      onError: () => undefined,
    });
    await redis.connect();
  };

  /** The cached values, read with another client than the service's. */
  const cachedValues = async (): Promise<(string | null)[]> => {
    const client = new Redis(redisAt());
    const keys = await client.keys(`${KEY_PREFIX}*${ann.id}*`);
    const values = await Promise.all(keys.map((key) => client.get(key)));
    client.disconnect();
    return values;
  };

  beforeAll(async () => {
    network = await new Network().start();
    const [postgres, redisContainer] = await Promise.all([startPostgres(network), startRedis(network)]);
    containers = { postgres, redis: redisContainer };
    await Promise.all([connectPostgres(), connectRedis()]);
  });

  afterAll(async () => {
    await pool.end();
    redis.disconnect();
    await Promise.all([containers.postgres.stop(), containers.redis.stop()]);
    await network.stop();
  });

  it('resolves each server by its alias from the other container', async () => {
    const lookups = await Promise.all([
      containers.redis.exec(['getent', 'hosts', 'postgres']),
      containers.postgres.exec(['getent', 'hosts', 'redis']),
    ]);
    expect(lookups.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  });

  it('is stored in the database and, after a read, in the cache', async () => {
    const results: string[] = [];
    const users = makeCachedUserReader({
      redis,
      reader: makeUserReader(pool),
      ttlSeconds: 60,
      negativeTtlSeconds: 5,
      onResult: (result) => results.push(result),
    });

    await makeRegistrationStore(pool).insert({ user: ann, passwordHash: PHC, event: userRegistered(ann) });
    const first = await users.findRepresentation(ann.id);
    const { rows } = await pool.query('SELECT username, email FROM users WHERE id = $1', [ann.id]);
    expect(rows).toEqual([{ username: 'ann', email: 'ann@example.com' }]);
    await expect.poll(cachedValues).toEqual([expect.stringContaining(toUserRepresentation(ann).json)]);

    const second = await users.findRepresentation(ann.id);
    expect([first, second]).toEqual([toUserRepresentation(ann), toUserRepresentation(ann)]);
    expect(results).toEqual(['miss', 'hit']);
  });
});
