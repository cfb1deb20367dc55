// A role, a database or a server may have defaults that change how values are written, parsed or looked up. No connection uses them.

import { randomBytes } from 'node:crypto';

import type pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { orderPlaced } from '../../../src/orders/events.ts';
import { makeSessionStore } from '../../../src/postgres/auth/session-store.ts';
import { makeOrderPlacementStore } from '../../../src/postgres/orders/order-placement-store.ts';
import { makeOrderReader } from '../../../src/postgres/orders/order-reader.ts';
import { makeOutboxState } from '../../../src/postgres/outbox/outbox-state.ts';
import { makeTransact } from '../../../src/postgres/transact.ts';
import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import { makeUserReader } from '../../../src/postgres/users/user-reader.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { appPool } from '../../support/use-pool.ts';
import { anOrder, aRegistration, aSession, asAdmin } from './arrange.ts';
import { migrationsOf } from './arrange-migrations.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await makeTestDatabase();
});
afterAll(() => database.drop());

const administer = (sql: (login: string) => string) =>
  asAdmin(database, async (admin) => {
    for (const login of [database.appUser, database.ownerUser]) await admin.query(sql(login));
  });

afterEach(() => administer((login) => `ALTER ROLE ${login} IN DATABASE ${database.database} RESET ALL`));

/** Everything that a process does with values of each type, on a new connection. */
const useDatabase = async (pool: pg.Pool): Promise<void> => {
  const registration = aRegistration();
  const { id, createdAt } = registration.user;
  await makeRegistrationStore(pool).insert(registration);
  const found = await makeUserReader(pool).findRepresentation(id);
  expect(JSON.parse(found?.json ?? '{}')).toMatchObject({ createdAt: createdAt.toISOString() });

  const order = anOrder({ userId: id });
  await makeOrderPlacementStore(pool).insert({ order, event: orderPlaced(order) });
  expect(await makeOrderReader(pool).find(id, order.id)).toEqual(order);

  const sessions = makeSessionStore(pool);
  const session = aSession(id, { expiresAt: new Date(Date.now() + 60_000) });
  const { id: sessionId, tokenHash: from, familyHash, expiresAt } = session;
  await sessions.start(session);
  const rotation = { sessionId, from, to: randomBytes(32), familyHash, expiresAt, maxLifetimeSeconds: 3600 };
  expect(await sessions.rotate(rotation)).toEqual({ userId: id, expiresAt });

  expect(await makeTransact(pool)(({ users }) => users.findForUpdate(id))).toEqual(registration.user);
  const { oldestSeconds } = await makeOutboxState(pool).read();
  expect(oldestSeconds).toBeLessThan(60);
};

describe('a default of the login', () => {
  it.each([
    ['DateStyle', "'German'"],
    ['DateStyle', "'SQL, DMY'"],
    ['DateStyle', "'Postgres, YMD'"],
    ['IntervalStyle', "'iso_8601'"],
    ['TimeZone', "'Asia/Kolkata'"],
    ['bytea_output', "'escape'"],
    ['extra_float_digits', '-15'],
    ['array_nulls', 'off'],
    ['transform_null_equals', 'on'],
    ['client_encoding', "'LATIN1'"],
    ['lc_monetary', "'C'"],
    ['search_path', "''"],
    ['search_path', 'pg_catalog'],
    ['default_transaction_isolation', "'serializable'"],
    ['lock_timeout', '1'],
    ['quote_all_identifiers', 'on'],
  ])('changes nothing: %s = %s', async (name, value) => {
    await administer((login) => `ALTER ROLE ${login} IN DATABASE ${database.database} SET ${name} = ${value}`);
    const pool = appPool(database);

    await useDatabase(pool);
    const [first] = await migrationsOf(database).status();

    expect(Date.now() - Number(first?.appliedAt)).toBeLessThan(600_000);
    await pool.end();
  });

  it('does not replace a timeout', async () => {
    await administer((login) => `ALTER ROLE ${login} IN DATABASE ${database.database} SET statement_timeout = 0`);
    const pool = appPool(database, { statementTimeoutMs: 1100, lockTimeoutMs: 600, idleInTransactionTimeoutMs: 700 });

    const { rows } = await pool.query(`
      SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
        current_setting('idle_in_transaction_session_timeout') AS idle`);

    expect(rows).toEqual([{ statement: '1100ms', lock: '600ms', idle: '700ms' }]);
    await pool.end();
  });
});
