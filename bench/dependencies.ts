// The dependencies of the service: its own migrated PostgreSQL, its own Redis, and the settings to connect to them.

import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newSigningKey } from '../src/auth/tokens/new-signing-key.ts';
import { startEmbeddedPostgres } from '../src/embedded/postgres/server.ts';
import { makeDatabase } from '../src/postgres/administration/make-database.ts';
import { makeMigrations } from '../src/postgres/migrations/migrations.ts';
import { freePort } from '../test/support/free-port.ts';
import { nativeRedis } from '../test/support/native/redis.ts';

const DATABASE = 'bench';
const OWNER = { ownerLogin: 'bench_owner', ownerPassword: 'owner' };
const APP = { appLogin: 'bench_app', appPassword: 'app' };
const UNLIMITED = '1000000';

const startPostgres = async () => {
  const directory = join(tmpdir(), `user-service-bench-${randomBytes(6).toString('hex')}`);
  const server = await startEmbeddedPostgres({ directory, superuserPassword: 'bench', persistent: false });
  await makeDatabase({ ...server, database: DATABASE }, { ...OWNER, ...APP });
  const { host, port } = server;
  const connection = {
    ...{ host, port, database: DATABASE, user: OWNER.ownerLogin, password: () => OWNER.ownerPassword },
    ...{ tls: 'disable' as const },
  };
  await makeMigrations({ connection, report: () => undefined }).up();
  return server;
};

/** @returns settings of the api process: the defaults, except for addresses and for limits that would fail the run. */
export const startDependencies = async () => {
  const [postgres, redis, port] = await Promise.all([startPostgres(), nativeRedis(), freePort()]);
  const env = {
    DD_ENV: 'test',
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: `${port}`,
    HTTP_MANAGEMENT_HOST: '127.0.0.1',
    HTTP_MANAGEMENT_PORT: '0',
    HTTP_RATE_LIMIT_PER_SECOND: UNLIMITED,
    HTTP_RATE_LIMIT_BURST: UNLIMITED,
    AUTH_ACCESS_TOKEN_TTL_SECONDS: '3600',
    AUTH_SIGNING_KEYS: JSON.stringify({ keys: [await newSigningKey()] }),
    POSTGRES_HOST: postgres.host,
    POSTGRES_PORT: `${postgres.port}`,
    POSTGRES_DATABASE: DATABASE,
    POSTGRES_USER: APP.appLogin,
    POSTGRES_PASSWORD: APP.appPassword,
    REDIS_HOST: redis.server.host,
    REDIS_PORT: `${redis.server.port}`,
  };
  const stop = async (): Promise<void> => {
    await Promise.all([postgres.stop(), redis.stop()]);
  };
  /** As superuser, for settings of the server. */
  const admin = { host: postgres.host, port: postgres.port, user: postgres.user, password: postgres.password };
  return { env, port, admin: { ...admin, database: DATABASE }, stop };
};
