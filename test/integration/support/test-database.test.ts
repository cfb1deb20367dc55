import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const tablesOf = async ({ adminUrl }: TestDatabase): Promise<string[]> => {
  const client = new pg.Client(adminUrl);
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
  );
  await client.end();
  return rows.map(({ name }) => name);
};

describe('a test database', () => {
  let migrated: TestDatabase;
  let empty: TestDatabase;

  beforeAll(async () => {
    [migrated, empty] = await Promise.all([makeTestDatabase(), makeTestDatabase({ migrated: false })]);
  });
  afterAll(() => Promise.all([migrated.drop(), empty.drop()]));

  it('has the tables of every migration', async () => {
    expect(await tablesOf(migrated)).toEqual(expect.arrayContaining(['users', 'credentials', 'idempotency_keys']));
  });

  it('is empty without migrations', async () => {
    expect(await tablesOf(empty)).toEqual([]);
  });

  it.each(['app', 'owner'] as const)('lets the %s role sign in', async (role) => {
    const { host, port, database } = migrated;
    const client = new pg.Client({
      host,
      port,
      database,
      user: migrated[`${role}User`],
      password: migrated[`${role}Password`],
    });
    await client.connect();
    const { rows } = await client.query('SELECT count(*)::int AS users FROM users');
    await client.end();
    expect(rows).toEqual([{ users: 0 }]);
  });
});
