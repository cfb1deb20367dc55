// The application on real PostgreSQL and Redis, wired like in bin/, with cheap password hashing.

import { createHash } from 'node:crypto';

import type { Redis } from 'ioredis';

import { parseClients } from '../../../src/auth/clients.ts';
import { parseKeySet } from '../../../src/auth/tokens/key-set.ts';
import { newSigningKey } from '../../../src/auth/tokens/new-signing-key.ts';
import { makeGuesses } from '../../../src/composition/limits.ts';
import { makeMemoryLimitStore } from '../../../src/rate-limit/memory-limit-store.ts';
import type { LimitStore } from '../../../src/rate-limit/ports.ts';
import { makeUseCases, type UseCases } from '../../../src/composition/use-cases.ts';
import { makePublicServer } from '../../../src/http/server.ts';
import { NO_AUDIT } from '../../../src/observability/audit/audit-log.ts';
import { makeBusinessEvents } from '../../../src/observability/business-events.ts';
import { makeMetrics } from '../../../src/observability/metrics/metrics.ts';
import { makePool, type ServicePool } from '../../../src/postgres/pool.ts';
import { makeUserReader } from '../../../src/postgres/users/user-reader.ts';
import { makeCachedUserReader } from '../../../src/redis/cached-user-reader.ts';
import { makeRedis } from '../../../src/redis/client.ts';
import { makeRedisLimitStore } from '../../../src/redis/limit-store.ts';
import { makeRedisRevocationList } from '../../../src/redis/revocation-list.ts';
import type { TestDatabase } from '../test-database.ts';
import type { TestRedis } from '../test-redis.ts';
import { fakeDeps, makeRecorder, type FakeDeps } from './fake-deps.ts';

export const CLIENT = { client_id: 'notification-service', client_secret: 'a secret of a service' };

/** Attempts per minute that no test makes. */
const UNREACHED = 100_000;

type Servers = {
  readonly database: Pick<TestDatabase, 'host' | 'port' | 'database' | 'appUser' | 'appPassword'>;
  readonly redis: TestRedis;
  /** Default: hashing that costs nearly nothing. */
  readonly hashing?: { readonly argon2MemoryKib: number; readonly argon2Passes: number };
  /** Default: new orders are accepted. */
  readonly acceptsOrders?: () => Promise<boolean>;
};

const ignore = (): void => undefined;

const poolOn = ({ host, port, database, appUser, appPassword }: Servers['database']): ServicePool =>
  makePool({
    host,
    port,
    database,
    user: appUser,
    password: () => appPassword,
    tls: 'disable',
    max: 4,
    connectTimeoutMs: 1000,
    statementTimeoutMs: 1000,
    lockTimeoutMs: 500,
    idleInTransactionTimeoutMs: 5000,
    applicationName: 'test',
    onError: ignore,
  });

const redisOn = ({ password, ...redis }: TestRedis): Redis =>
  makeRedis({
    ...redis,
    password: password === undefined ? undefined : () => password,
    tls: false,
    connectTimeoutMs: 500,
    commandTimeoutMs: 500,
    onError: ignore,
  });

const authConfig = async () => {
  const keySet = parseKeySet(JSON.stringify({ keys: [await newSigningKey()] }));
  const secretSha256 = [createHash('sha256').update(CLIENT.client_secret).digest('hex')];
  const client = { secretSha256, scopes: ['users:read', 'users:list'] };
  const clients = parseClients(JSON.stringify({ [CLIENT.client_id]: client }));
  return {
    issuer: 'http://localhost',
    audience: 'user-service',
    accessTokenTtlSeconds: 300,
    acceptedTokenTtlSeconds: 0,
    refreshTokenTtlSeconds: 3600,
    sessionMaxLifetimeSeconds: 7200,
    reauthenticationMaxAgeSeconds: 300,
    signingKeys: () => keySet,
    clients: () => clients,
    argon2MemoryKib: 64,
    argon2Passes: 1,
    argon2Parallelism: 1,
    hashConcurrency: 2,
    hashQueue: 32,
  };
};

/** Adapters that all servers of one test file share. The default of `strictLimitPerMinute` is too high to be reached. */
export const makeTestApp = async ({ database, redis: redisServer, hashing, ...switches }: Servers) => {
  const pool = poolOn(database);
  const redis = redisOn(redisServer);
  const { logger } = makeRecorder();
  const metrics = makeMetrics({ service: 'user-service', env: 'test', version: '0', commit: '0' });
  const revocations = makeRedisRevocationList({ redis, ttlSeconds: 300, refreshMs: 50, onError: ignore });
  await revocations.start();
  const users = makeCachedUserReader({
    redis,
    reader: makeUserReader(pool),
    ttlSeconds: 60,
    negativeTtlSeconds: 5,
    onResult: ignore,
  });
  const telemetry = makeBusinessEvents({ logger, metrics, audit: NO_AUDIT });
  const { acceptsOrders = () => Promise.resolve(true) } = switches;
  const config = { ...(await authConfig()), ...hashing };
  const storeOf = (limit: number): LimitStore =>
    makeRedisLimitStore({ redis, name: `test-${limit}`, fallback: makeMemoryLimitStore({ maxKeys: 1000 }) });
  const useCasesOf = (strictLimitPerMinute: number, store: LimitStore): UseCases => {
    const guesses = makeGuesses({ strictLimitPerMinute, requestTimeoutMs: 2000 }, store);
    return makeUseCases({ config, pool, users, revocations, guesses, telemetry, acceptsOrders });
  };
  return {
    pool,
    useCases: useCasesOf(UNREACHED, storeOf(UNREACHED)),
    /** A server on the shared adapters; `changes` replace parts of it. */
    serve: ({ options, ...changes }: FakeDeps = {}) => {
      const limit = options?.strictLimitPerMinute ?? UNREACHED;
      const strictLimit = storeOf(limit);
      const whole = { ...useCasesOf(limit, strictLimit), metrics, strictLimit };
      return makePublicServer(fakeDeps({ ...whole, ...changes, options: { strictLimitPerMinute: limit, ...options } }));
    },
    close: async (): Promise<void> => {
      await revocations.close();
      redis.disconnect();
      await pool.end();
    },
  };
};

export type TestApp = Awaited<ReturnType<typeof makeTestApp>>;
