import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { asAdmin } from './arrange.ts';
import { migrationsOf, NAMES, schemaOf } from './arrange-migrations.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await makeTestDatabase({ migrated: false });
});
afterEach(async () => {
  await database.drop();
});

const sql = (text: string) => asAdmin(database, (admin) => admin.query(text));

describe('a table in use', () => {
  it.each([
    ['0002_add-user-name-and-version', 1],
    ['0004_page-users-by-keyset', 3],
  ])('is changed by a later attempt when it is locked: %s', async (name, before) => {
    await migrationsOf(database).up(before);
    await asAdmin(database, async (reader) => {
      await reader.query('BEGIN');
      await reader.query('SELECT id FROM users');
      const lines: string[] = [];
      const report = (line: string) => {
        lines.push(line);
        if (line.includes('could not get a lock')) void reader.query('COMMIT');
      };

      await migrationsOf(database, { report, lockTimeoutMs: 50 }).up(1);

      expect(lines[0]).toBe(`${name} could not get a lock (55P03), attempt 2 of 5`);
      expect(lines.at(-1)).toContain(`applied ${name}`);
    });
  });

  it('is unchanged after five attempts', async () => {
    await migrationsOf(database).up(1);
    await asAdmin(database, async (reader) => {
      await reader.query('BEGIN');
      await reader.query('SELECT id FROM users');

      await expect(migrationsOf(database, { lockTimeoutMs: 10 }).up(1)).rejects.toMatchObject({
        code: 'MIGRATION_FAILED',
        cause: { code: '55P03' },
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
