import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { asAdmin } from './arrange.ts';
import { faultsOf, migrationsOf, NAMES, schemaOf } from './arrange-migrations.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await makeTestDatabase({ migrated: false });
});
afterEach(async () => {
  await database.drop();
});

const sql = (text: string) => asAdmin(database, (admin) => admin.query(text));

describe('baseline', () => {
  const ORIGINAL = `
    SET ROLE user_service_owner;
    CREATE TABLE users (
      id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
      username VARCHAR(50) NOT NULL UNIQUE,
      email VARCHAR(255) NOT NULL UNIQUE,
      created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
      updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now()
    );
    CREATE INDEX idx_users_email ON users (email);
    CREATE INDEX idx_users_created_at ON users (created_at);`;

  it('marks the tables of the original design as applied, and later migrations change them', async () => {
    await sql(ORIGINAL);
    await sql(`INSERT INTO users (username, email) VALUES ('ann', 'ann@example.org')`);

    await migrationsOf(database).baseline('0001_create-users');

    expect(await migrationsOf(database).up()).toEqual(NAMES.slice(1));
    expect((await sql('SELECT username, version FROM users')).rows).toEqual([{ username: 'ann', version: 1 }]);
  });

  it('ends in the schema that migrations alone create', async () => {
    await sql(ORIGINAL);
    await migrationsOf(database).baseline('0001_create-users');
    await migrationsOf(database).up();
    const adopted = await schemaOf(database);
    const fresh = await makeTestDatabase();

    expect(adopted).toEqual(await schemaOf(fresh));
    await fresh.drop();
  });

  it('records checksums of migrations that another tool applied, and can be repeated', async () => {
    await migrationsOf(database).up(5);
    await sql('TRUNCATE migration_checksums');

    await migrationsOf(database).baseline('0005_create-credentials-and-sessions');
    await migrationsOf(database).baseline('0005_create-credentials-and-sessions');

    expect(await migrationsOf(database).up()).toEqual(NAMES.slice(5));
  });

  it('rejects a database without the tables', async () => {
    await sql(ORIGINAL);

    expect(await faultsOf(migrationsOf(database).baseline('0005_create-credentials-and-sessions'))).toEqual([
      'There is no table credentials: baseline an earlier migration, or run "up".',
      'There is no table sessions: baseline an earlier migration, or run "up".',
    ]);
    expect(await migrationsOf(database).status()).toContainEqual({ name: NAMES[0], appliedAt: undefined });
  });

  it('rejects tables of another owner', async () => {
    await sql(ORIGINAL.replace('SET ROLE user_service_owner;', ''));

    expect(await faultsOf(migrationsOf(database).baseline('0001_create-users'))).toEqual([
      'Table users belongs to postgres; ALTER TABLE users OWNER TO user_service_owner.',
    ]);
  });

  it('rejects an unknown migration name', async () => {
    await expect(migrationsOf(database).baseline('0001')).rejects.toMatchObject({ code: 'MIGRATION_UNKNOWN' });
  });
});
