// R18: each migration while its table is in use, twenty runs at the same time, and runs that are killed. What `up` and `down` make of the schema is in
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
import { migrateEnv, saw } from './process.ts';

const MIGRATORS = 20;
/** What a statement of the service may take, see docs/configuration.md. */
const DEADLINES = { statement_timeout: 1000, lock_timeout: 500 };
const CLIENTS = 4;

let database: TestDatabase;
beforeEach(async () => {
  database = await makeTestDatabase({ migrated: false });
});
afterEach(() => database.drop());

/** The schema that the files make, in a database of its own. */
const expectedSchema = async (): Promise<string[]> => {
  const fresh = await makeTestDatabase();
  return schemaOf(fresh).finally(() => fresh.drop());
};

const WAITING = `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'migration_checksums'::regclass`;

/** Asked from outside the transaction that holds the lock: its snapshot would hold up CREATE INDEX CONCURRENTLY. */
const waitsForChecksums = (migrator: ReturnType<typeof startProgram>): Promise<void> =>
  asAdmin(database, (watcher) =>
    eventually(
      async () => {
        expect((await watcher.query(WAITING)).rows, migrator.output.stderr).toHaveLength(1);
      },
      { deadlineMs: 30_000 },
    ),
  );

/** Patient: twenty that start together on a small machine need more than a second to connect. */
const PATIENT = { POSTGRES_CONNECT_TIMEOUT_MS: '30000' };
const startMigrator = () => startProgram('migrate', { args: ['up'], env: { ...migrateEnv(database), ...PATIENT } });

/** Statements of the first release, which no later migration may break: the columns of 0001. */
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
  it('is applied under traffic of the first release, without an error', async () => {
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
    saw(
      'each migration under traffic',
      `${NAMES.length - 1} steps, ${traffic.statements()} statements, ${traffic.errors.length} errors`,
    );
    expect(traffic.errors).toEqual([]);
  });

  it('may be killed before it is recorded, and the next run ends in the same schema', async () => {
    await migrationsOf(database).up(1);
    for (const name of NAMES.slice(1)) {
      await asAdmin(database, async (holder) => {
        // everything of the migration is done when it wants to write its checksum; there it waits, and dies
        await holder.query('BEGIN; LOCK TABLE migration_checksums IN EXCLUSIVE MODE');
        const migrator = startMigrator();
        await waitsForChecksums(migrator);
        migrator.kill('SIGKILL');
        expect(await migrator.exited, name).toBeNull();
      });
      expect(await migrationsOf(database).up(1)).toEqual([name]);
    }
    expect(await schemaOf(database)).toEqual(await expectedSchema());
    saw('kill -9 in each migration', `${NAMES.length - 1} killed, the schema is the same`);
  });

  it(`is applied once by ${MIGRATORS} processes that start together`, async () => {
    const migrators = Array.from({ length: MIGRATORS }, startMigrator);
    const codes = await Promise.all(migrators.map(({ exited }) => exited));
    const applied = migrators.flatMap(({ output }) =>
      [...output.stdout.matchAll(/^applied (\S+)/gm)].map(([, name]) => name),
    );
    expect(codes, migrators.map(({ output }) => output.stderr).join('')).toEqual(codes.map(() => 0));
    expect(new Set(applied)).toEqual(new Set(NAMES));
    expect(applied).toHaveLength(NAMES.length);
    expect(await schemaOf(database)).toEqual(await expectedSchema());
    saw(`${MIGRATORS} runs of migrate at the same time`, `all ended with 0, ${applied.length} migrations applied once`);
  });
});
