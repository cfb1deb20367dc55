// What docs/postgres.md says about PgBouncer, with the version of this system.

import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Unavailable } from '../../../src/errors/unavailable.ts';
import { makeOutboxShards } from '../../../src/postgres/outbox/outbox-shards.ts';
import { makeOutboxSignal } from '../../../src/postgres/outbox/outbox-signal.ts';
import { makePostgresCheck, REQUIRED_MIGRATION } from '../../../src/postgres/postgres-check.ts';
import { makeTransact } from '../../../src/postgres/transact.ts';
import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import { makeUserReader } from '../../../src/postgres/users/user-reader.ts';
import { eventually } from '../../support/eventually.ts';
import { pgBouncerVersion, startPgBouncer } from '../../support/native/pgbouncer.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { appOptions, appPool } from '../../support/use-pool.ts';
import { aRegistration, asAdmin } from './arrange.ts';
import { migrationsOf, NAMES } from './arrange-migrations.ts';

const version = await pgBouncerVersion();
if (version === undefined) process.stdout.write('SKIPPED: PgBouncer is not installed (apt-get install pgbouncer)\n');

let database: TestDatabase;
let far: TestDatabase;
let stop: () => Promise<void>;

const behind = (mode: 'session' | 'transaction'): void => {
  beforeAll(async () => {
    database = await makeTestDatabase();
    const { host, port, stop: stopServer } = await startPgBouncer(database, mode);
    far = { ...database, host, port };
    stop = stopServer;
  });
  afterAll(async () => {
    await stop();
    await database.drop();
  });
};

describe.skipIf(version === undefined)('PgBouncer in session mode', () => {
  behind('session');

  it('serves the api and the worker: prepared statements, transactions, timeouts and the check', async () => {
    const pool = appPool(far, { lockTimeoutMs: 123 });
    const registrations = Array.from({ length: 25 }, () => aRegistration());

    await Promise.all(registrations.map((each) => makeRegistrationStore(pool).insert(each)));
    const [{ user }] = registrations as [(typeof registrations)[number]];

    expect(await makeUserReader(pool).findRepresentation(user.id)).toBeDefined();
    expect(await makeTransact(pool)(({ users }) => users.findForUpdate(user.id))).toEqual(user);
    expect((await pool.query('SHOW lock_timeout')).rows).toEqual([{ lock_timeout: '123ms' }]);
    await expect(makePostgresCheck({ pool, requiredMigration: REQUIRED_MIGRATION })()).resolves.toBeUndefined();
    await pool.end();
  });

  it('serves the relay: one leader at a time, and notifications', async () => {
    const [first, second] = [appPool(far), appPool(far)];
    let wakes = 0;
    const signal = makeOutboxSignal({ connection: appOptions(far), onError: () => undefined });
    await signal.listen(() => {
      wakes += 1;
    });
    const leader = await makeOutboxShards(first).lead(0, 1);

    expect(await makeOutboxShards(second).lead(0, 1)).toBeUndefined();
    await asAdmin(database, (admin) => admin.query('NOTIFY outbox'));
    await eventually(() => {
      expect(wakes).toBeGreaterThan(1);
    });
    await leader?.resign();
    const next = await eventually(async () => {
      const leadership = await makeOutboxShards(second).lead(0, 1);
      expect(leadership).toBeDefined();
      return leadership;
    });

    await next?.resign();
    await signal.close();
    await Promise.all([first.end(), second.end()]);
  });

  it('serves migrations', async () => {
    const migrations = migrationsOf(far);

    expect(await migrations.down(1)).toEqual(NAMES.slice(-1));
    expect(await migrations.up()).toEqual(NAMES.slice(-1));
  });
});

describe.skipIf(version === undefined)('PgBouncer in transaction mode', () => {
  behind('transaction');

  it('is not supported: what goes wrong is a temporary failure, not an internal error', async () => {
    const pool = appPool(far, { max: 8 });
    const calls = Array.from({ length: 100 }, () =>
      makeUserReader(pool)
        .findRepresentation(randomUUID())
        .then(
          () => undefined,
          (error: unknown) => error,
        ),
    );

    const errors = (await Promise.all(calls)).filter((error) => error !== undefined);

    expect(errors.filter((error) => !(error instanceof Unavailable))).toEqual([]);
    await pool.end();
  });
});
