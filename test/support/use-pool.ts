import { afterAll, beforeAll } from 'vitest';

import type { ConnectionOptions } from '../../src/postgres/connection.ts';
import { makePool, type PoolOptions, type ServicePool } from '../../src/postgres/pool.ts';
import { makeTestDatabase, type TestDatabase } from './test-database.ts';

/** Connection options of the application role, with short timeouts. */
export const appOptions = (at: TestDatabase): ConnectionOptions => ({
  host: at.host,
  port: at.port,
  database: at.database,
  user: at.appUser,
  password: () => at.appPassword,
  tls: 'disable',
  applicationName: 'user-service-test',
  connectTimeoutMs: 2000,
  statementTimeoutMs: 1000,
  lockTimeoutMs: 500,
  idleInTransactionTimeoutMs: 5000,
});

/** A pool with the settings of the service. */
export const appPool = (at: TestDatabase, options: Partial<PoolOptions> = {}): ServicePool =>
  makePool({ ...appOptions(at), max: 4, onError: () => undefined, ...options });

export type DatabaseAndPool = { readonly database: TestDatabase; readonly pool: ServicePool };

/**
 * Provides a test file with its own database and pool from `beforeAll` to `afterAll`; call it at the top of the file.
 * @param assign called in `beforeAll`
 */
export const usePool = (assign: (made: DatabaseAndPool) => unknown, options: Partial<PoolOptions> = {}): void => {
  let made: DatabaseAndPool | undefined;
  beforeAll(async () => {
    const database = await makeTestDatabase();
    made = { database, pool: appPool(database, options) };
    assign(made);
  });
  afterAll(async () => {
    await made?.pool.end();
    await made?.database.drop();
  });
};
