import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { makeRoles } from '../../../src/postgres/administration/make-roles.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { asAdmin } from './arrange.ts';

let database: TestDatabase;
let app: pg.Client;

const connect = async (user: string, password: string): Promise<pg.Client> => {
  const { host, port, database: name } = database;
  const client = new pg.Client({ host, port, database: name, user, password });
  await client.connect();
  return client;
};

beforeAll(async () => {
  database = await makeTestDatabase();
  app = await connect(database.appUser, database.appPassword);
});
afterAll(async () => {
  await app.end();
  await database.drop();
});

const REFUSED = { code: '42501' };

describe('the application’s role', () => {
  it.each([
    'CREATE TABLE more (id INTEGER)',
    'CREATE TEMPORARY TABLE more (id INTEGER)',
    'CREATE SCHEMA more',
    'ALTER TABLE users ADD COLUMN more INTEGER',
    'CREATE INDEX more ON users (name)',
    'DROP TABLE sessions',
    'TRUNCATE users CASCADE',
    'ALTER TABLE users OWNER TO user_service_app',
    'UPDATE pgmigrations SET name = name',
    'SELECT name FROM migration_checksums',
    'SET ROLE user_service_owner',
    'CREATE ROLE more',
  ])('is not permitted: %s', async (statement) => {
    await expect(app.query(statement)).rejects.toMatchObject(REFUSED);
  });

  it.each(['users', 'credentials', 'sessions', 'idempotency_keys', 'orders'])(
    'reads and deletes rows of %s',
    async (table) => {
      await expect(app.query(`SELECT 1 FROM ${table}`)).resolves.toBeDefined();
      await expect(app.query(`DELETE FROM ${table}`)).resolves.toBeDefined();
    },
  );
});

describe('the owner’s role', () => {
  it('owns every table, whoever logged in to migrate', async () => {
    const { rows } = await asAdmin(database, (admin) =>
      admin.query(`SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'`),
    );

    expect(rows).toEqual([{ tableowner: 'user_service_owner' }]);
  });
});

describe('a role that is not a member', () => {
  it('cannot connect', async () => {
    await asAdmin(database, (admin) =>
      admin.query(`DO $$ BEGIN CREATE ROLE stranger LOGIN PASSWORD 'x'; EXCEPTION WHEN duplicate_object THEN END $$`),
    );

    await expect(connect('stranger', 'x')).rejects.toMatchObject(REFUSED);
  });
});

describe('makeRoles', () => {
  it('can be repeated, accepts any password and changes it', async () => {
    const logins = { ownerLogin: 'odd "owner"', ownerPassword: `o'\\"$$`, appLogin: 'odd-app', appPassword: 'first' };
    await asAdmin(database, (admin) => makeRoles(admin, logins));
    await asAdmin(database, (admin) => makeRoles(admin, { ...logins, appPassword: `a'; DROP TABLE users; --` }));

    const owner = await connect(logins.ownerLogin, logins.ownerPassword);
    const again = await connect(logins.appLogin, `a'; DROP TABLE users; --`);

    await expect(owner.query('SET ROLE user_service_owner')).resolves.toBeDefined();
    await expect(again.query('SELECT id FROM users')).resolves.toBeDefined();
    await Promise.all([owner.end(), again.end()]);
    await asAdmin(database, (admin) => admin.query('DROP ROLE "odd ""owner""", "odd-app"'));
  });
});
