import { afterAll, beforeAll, expect, it } from 'vitest';

import { openPostgres } from '../../../src/composition/open-postgres.ts';
import type { Credentials } from '../../../src/postgres/credentials.ts';
import { using } from '../../support/template-database.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { appOptions } from '../../support/use-pool.ts';

const USER = 'login_open_postgres';

let database: TestDatabase;
const asAdmin = (sql: string) => using({ connectionString: database.adminUrl }, (client) => client.query(sql));

beforeAll(async () => {
  database = await makeTestDatabase();
  await asAdmin(`CREATE ROLE ${USER} LOGIN PASSWORD 'first' IN ROLE user_service_app`);
});
afterAll(async () => {
  await database.drop();
  await using({ connectionString: String(new URL('/postgres', database.adminUrl)) }, (client) =>
    client.query(`DROP ROLE IF EXISTS ${USER}`),
  );
});

/** Only what openPostgres uses. */
const open = (credentials: () => Credentials) => {
  const messages: string[] = [];
  const closings: (() => Promise<void>)[] = [];
  const write = (_fields: object, message: string): number => messages.push(message);
  const deps = {
    config: { service: { name: 'user-service' }, postgres: { ...appOptions(database), credentials, poolSize: 4 } },
    role: 'api',
    logger: { info: write, warn: write },
    metrics: { watchPool: () => undefined },
    lifecycle: { add: (_name: string, close: () => Promise<void>) => closings.unshift(close) },
    faults: { pool: <T>(pool: T): T => pool },
  };
  const postgres = openPostgres(deps as unknown as Parameters<typeof openPostgres>[0]);
  return {
    ...postgres,
    messages,
    close: async (): Promise<void> => {
      for (const close of closings) await close();
    },
  };
};

it('closes the previous connections also when something else took a new password into use', async () => {
  let file: Credentials = { user: USER, password: 'first' };
  const { pool, connection, checks, messages, close } = open(() => file);
  const previous = await Promise.all([pool.connect(), pool.connect()]);
  for (const client of previous) client.release();

  await asAdmin(`ALTER ROLE ${USER} PASSWORD 'second'`);
  file = { user: USER, password: 'second' };
  await connection.credentials.adopt(); // as the pool does when the server refuses the former one
  expect(pool.totalCount).toBe(2);

  await checks.find(({ name }) => name === 'postgres-credentials')?.check();
  expect(messages).toEqual(['changed database credentials are in use']);
  expect(pool.totalCount).toBe(0);
  await close();
});
