import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { MigrationsOptions } from '../../../src/postgres/migrations/migrations.ts';
import { eventually } from '../../support/eventually.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { asAdmin } from './arrange.ts';
import { copyOfMigrations, migrationsOf, NAMES, schemaOf } from './arrange-migrations.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await makeTestDatabase({ migrated: false });
});
afterEach(async () => {
  await database.drop();
});

const sql = (text: string) => asAdmin(database, (admin) => admin.query(text));

/** With one more migration than the service has. */
const withMigration = async <T>(up: string, work: (directory: string, name: string) => Promise<T>): Promise<T> => {
  const directory = await copyOfMigrations();
  const name = '9000_more';
  const head = up.includes('CONCURRENTLY') ? '-- no transaction\n' : '';
  await writeFile(join(directory, `${name}.sql`), `${head}-- Up Migration\n${up}\n-- Down Migration\nSELECT 1;\n`);
  return work(directory, name).finally(() => rm(directory, { recursive: true }));
};

/** As by default, with shorter pauses. */
const QUICK = { firstPauseMs: 20, maxPauseMs: 50 };

/** A session that has read `users` and not ended its transaction, as a backup does. */
const asReader = (work: (reader: pg.Client, pid: number) => Promise<unknown>) =>
  asAdmin(database, async (reader) => {
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await reader.query("SET application_name = 'backup'");
    const { rows } = await reader.query<{ pid: number }>('SELECT pg_backend_pid() AS pid, count(*) FROM users');
    await work(reader, rows[0]?.pid ?? 0);
  });

describe('a table in use', () => {
  it.each([
    ['0002_add-user-name-and-version', 1],
    ['0004_page-users-by-keyset', 3],
  ])('is changed by a later try when it is locked, and each try says who holds the lock: %s', async (name, before) => {
    await migrationsOf(database).up(before);
    await asReader(async (reader, pid) => {
      const lines: string[] = [];
      const report = (line: string) => {
        lines.push(line);
        if (line.includes('did not get a lock')) void reader.query('COMMIT');
      };

      await migrationsOf(database, { report, patience: QUICK }).up(1);

      expect(lines[0]).toContain(`${name} did not get a lock, held by pid ${pid} (backup, user postgres`);
      expect(lines[0]).toMatch(/\); try 2 in 0 s, giving up in 23\d(?:\.\d)? s$/);
      expect(lines.at(-1)).toContain(`applied ${name}`);
    });
  });

  it('waits for its lock for at most 0.2 s at a time, less when the service waits less, and holds none while it is idle', async () => {
    const read = (options: Partial<MigrationsOptions>) => {
      const statement = `CREATE TABLE seen AS SELECT current_setting('lock_timeout') AS lock,
        current_setting('idle_in_transaction_session_timeout') AS idle`;
      return withMigration(statement, async (directory) => {
        await migrationsOf(database, { directory, ...options }).up();
        const { rows } = await asAdmin(database, (admin) => admin.query<object>('SELECT lock, idle FROM seen'));
        await migrationsOf(database, { directory }).down();
        await sql('DROP TABLE seen');
        return rows;
      });
    };

    expect(await read({})).toEqual([{ lock: '200ms', idle: '1s' }]);
    expect(await read({ callerLockTimeoutMs: 10_000 })).toEqual([{ lock: '200ms', idle: '1s' }]);
    expect(await read({ callerLockTimeoutMs: 100 })).toEqual([{ lock: '40ms', idle: '1s' }]);
  });

  it('is unchanged when the lock is never free, and the failure says who held it and how often it tried', async () => {
    await migrationsOf(database).up(1);
    await asReader(async (_, pid) => {
      const patience = { ...QUICK, lockTimeoutMs: 100, retryForMs: 1000 };

      const failure: unknown = await migrationsOf(database, { patience })
        .up(1)
        .catch((error: unknown) => error);

      expect(failure).toMatchObject({ code: 'MIGRATION_FAILED', cause: { code: '55P03' } });
      const { message } = failure as Error;
      expect(message).toContain(`it did not get a lock, held by pid ${pid} (backup`);
      expect(message).toMatch(/\), \d times in 1 s \(55P03\)$/);
    });
  });

  it('gives way when callers wait, although it has its first lock and waits for a second one', async () => {
    const lines: string[] = [];
    const report = (line: string) => lines.push(line);
    await migrationsOf(database).up();
    // each wait is shorter than its lock timeout; what callers would feel is the sum
    const statements = ['users', 'orders', 'sessions', 'credentials', 'inbox']
      .map((table) => `ALTER TABLE ${table} ADD COLUMN extra TEXT; SELECT pg_sleep(0.15);`)
      .join('\n');
    await withMigration(statements, async (directory, name) => {
      const migrating = migrationsOf(database, { directory, report, patience: { ...QUICK, retryForMs: 3000 } }).up();
      const caller = async (): Promise<void> => {
        while (!lines.some((line) => line.includes('try 4'))) {
          await sql(`SET lock_timeout = 500; SELECT count(*) FROM users`); // rejects after half a second
        }
      };

      await caller();

      expect(await migrating).toEqual([name]);
      expect(lines[0]).toMatch(/ was cancelled because callers waited for it; try 2 in /);
    });
  });

  it('gets an index CONCURRENTLY while an older transaction goes on for longer than a lock timeout', async () => {
    const lines: string[] = [];
    await migrationsOf(database).up();
    await withMigration('CREATE INDEX CONCURRENTLY extra ON users (name);', async (directory, name) => {
      await asReader(async (reader) => {
        const migrating = migrationsOf(database, { directory, report: (line) => lines.push(line) }).up();
        await eventually(async () => {
          const { rows } = await sql(`SELECT FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted
            AND waitstart < clock_timestamp() - interval '0.4 s'`);
          expect(rows).toHaveLength(1);
        });
        await reader.query('COMMIT');

        expect(await migrating).toEqual([name]);
        expect(lines).toHaveLength(1);
      });
    });
  });

  it('gets its index rebuilt when an earlier attempt left an invalid one', async () => {
    await migrationsOf(database).up(2);
    await sql('CREATE INDEX users_username_lower_key ON users (username)');

    await migrationsOf(database).up(1);

    expect(await schemaOf(database)).toContain(
      'index users_username_lower_key: CREATE UNIQUE INDEX users_username_lower_key ON public.users USING btree (lower((username)::text)) true',
    );
  });

  it('stops at users that differ only by case, without naming them, and continues after they are renamed', async () => {
    await migrationsOf(database).up(2);
    await sql(`INSERT INTO users (username, email) VALUES ('Ann', 'a@example.org'), ('ann', 'b@example.org')`);

    const failure = await migrationsOf(database)
      .up()
      .catch((error: unknown) => error as Error);
    await sql(`UPDATE users SET username = 'ann-2' WHERE username = 'ann'`);

    expect(failure).toMatchObject({ code: 'MIGRATION_FAILED', message: expect.stringContaining('(23505)') as string });
    expect((failure as Error).message).not.toContain('(ann)');
    expect(await migrationsOf(database).up(1)).toEqual([NAMES[2]]);
  });

  it('gets its timestamps truncated to milliseconds, in old and in new rows', async () => {
    await migrationsOf(database).up(3);
    await sql(`INSERT INTO users (username, email, created_at)
      SELECT i, i || '@example.org', timestamptz '2026-01-01 00:00:00.123456Z' FROM generate_series(1, 2500) AS i`);

    await migrationsOf(database).up(1);
    await sql(`INSERT INTO users (username, email) VALUES ('new', 'new@example.org')`);

    const { rows } = await sql(
      `SELECT count(*)::int AS uncut FROM users WHERE extract(microseconds FROM created_at)::int % 1000 > 0`,
    );
    expect(rows).toEqual([{ uncut: 0 }]);
  });
});
