// Migrations under traffic, twenty concurrent runs, and runs that are killed. The effect of `up` and `down` on the schema is tested in
// test/integration/postgres.

import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { asAdmin } from '../integration/postgres/arrange.ts';
import { migrationsOf, NAMES, schemaOf } from '../integration/postgres/arrange-migrations.ts';
import { startProgram } from '../support/child-process.ts';
import { eventually } from '../support/eventually.ts';
import { using } from '../support/template-database.ts';
import { makeTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { migrateEnv, reportCheck } from './process.ts';

const MIGRATORS = 20;
/** The statement deadlines of the service, see docs/configuration.md. */
const DEADLINES = { statement_timeout: 1000, lock_timeout: 500 };
const CLIENTS = 4;

let database: TestDatabase;
beforeEach(async () => {
  database = await makeTestDatabase({ migrated: false });
});
afterEach(() => database.drop());

/** The schema after all migrations, from a new database. */
const expectedSchema = async (): Promise<string[]> => {
  const fresh = await makeTestDatabase();
  return schemaOf(fresh).finally(() => fresh.drop());
};

const WAITING = `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'migration_checksums'::regclass`;

/** Queries on a separate connection: the snapshot of the transaction that holds the lock would block CREATE INDEX CONCURRENTLY. */
const waitsForChecksums = (migrator: ReturnType<typeof startProgram>): Promise<void> =>
  asAdmin(database, (watcher) =>
    eventually(
      async () => {
        expect((await watcher.query(WAITING)).rows, migrator.output.stderr).toHaveLength(1);
      },
      { deadlineMs: 30_000 },
    ),
  );

/** Twenty processes that start together on a small machine need more than a second to connect. */
const LONG_CONNECT_TIMEOUT = { POSTGRES_CONNECT_TIMEOUT_MS: '30000' };
const startMigrator = () =>
  startProgram('migrate', { args: ['up'], env: { ...migrateEnv(database), ...LONG_CONNECT_TIMEOUT } });

/** Statements of the first release, on the columns of migration 0001. No later migration may break them. */
const useUsers = async (client: pg.Client): Promise<number> => {
  const id = randomUUID();
  const email = `${id}@example.org`;
  await client.query('INSERT INTO users (id, username, email) VALUES ($1, $2, $3)', [id, `u-${id}`, email]);
  await client.query('UPDATE users SET email = $2, updated_at = now() WHERE id = $1', [id, `new-${email}`]);
  const { rows } = await client.query<{ email: string }>('SELECT username, email FROM users WHERE id = $1', [id]);
  if (rows[0]?.email !== `new-${email}`) throw new Error('A change was lost.');
  return 3;
};

const startTraffic = () => {
  const errors: string[] = [];
  const stop = new AbortController();
  let statements = 0;
  const work = async (client: pg.Client): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        statements += await useUsers(client);
      } catch (error) {
        errors.push(String(error));
      }
    }
  };
  const login = { connectionString: database.adminUrl, ...DEADLINES };
  const running = Promise.all(Array.from({ length: CLIENTS }, () => using(login, work)));
  return {
    errors,
    statements: () => statements,
    end: async (): Promise<void> => {
      stop.abort();
      await running;
    },
  };
};

describe('each migration', () => {
  it('is applied under traffic of the first release without errors', async () => {
    await migrationsOf(database).up(1);
    const traffic = startTraffic();
    for (const name of NAMES.slice(1)) {
      const before = traffic.statements();
      await eventually(() => {
        expect(traffic.statements()).toBeGreaterThan(before + 30);
      });
      expect(await migrationsOf(database).up(1)).toEqual([name]);
      expect(traffic.errors, name).toEqual([]);
    }
    await traffic.end();
    reportCheck(
      'each migration under traffic',
      `${NAMES.length - 1} migrations, ${traffic.statements()} statements, ${traffic.errors.length} errors`,
    );
    expect(traffic.errors).toEqual([]);
  });

  it('can be killed before it is recorded, and the next run completes the schema', async () => {
    await migrationsOf(database).up(1);
    for (const name of NAMES.slice(1)) {
      await asAdmin(database, async (holder) => {
        // a migration writes its checksum last: the process waits there for the lock and is killed
        await holder.query('BEGIN; LOCK TABLE migration_checksums IN EXCLUSIVE MODE');
        const migrator = startMigrator();
        await waitsForChecksums(migrator);
        migrator.kill('SIGKILL');
        expect(await migrator.exited, name).toBeNull();
      });
      expect(await migrationsOf(database).up(1)).toEqual([name]);
    }
    expect(await schemaOf(database)).toEqual(await expectedSchema());
    reportCheck('kill -9 in each migration', `${NAMES.length - 1} killed, the final schema is the same`);
  });

  it(`is applied exactly once by ${MIGRATORS} concurrent processes`, async () => {
    const migrators = Array.from({ length: MIGRATORS }, startMigrator);
    const codes = await Promise.all(migrators.map(({ exited }) => exited));
    const applied = migrators.flatMap(({ output }) =>
      [...output.stdout.matchAll(/^applied (\S+)/gm)].map(([, name]) => name),
    );
    expect(codes, migrators.map(({ output }) => output.stderr).join('')).toEqual(codes.map(() => 0));
    expect(new Set(applied)).toEqual(new Set(NAMES));
    expect(applied).toHaveLength(NAMES.length);
    expect(await schemaOf(database)).toEqual(await expectedSchema());
    reportCheck(
      `${MIGRATORS} concurrent runs of migrate`,
      `all exited with 0, ${applied.length} migrations applied once`,
    );
  });
});
