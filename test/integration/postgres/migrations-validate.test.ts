import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Migrations } from '../../../src/postgres/migrations/migrations.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { asAdmin } from './arrange.ts';
import { addMigration, copyOfMigrations, faultsOf, migrationsOf, NAMES, schemaOf } from './arrange-migrations.ts';

let database: TestDatabase;
let directory: string;

beforeEach(async () => {
  database = await makeTestDatabase({ migrated: false });
  directory = await copyOfMigrations();
});
afterEach(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});

const sql = (text: string) => asAdmin(database, (admin) => admin.query(text));

const FORWARD = {
  up: (migrations: Migrations) => migrations.up(),
  validate: (migrations: Migrations) => migrations.validate(),
};
const ALL = { ...FORWARD, down: (migrations: Migrations) => migrations.down() };

describe('validate', () => {
  it('counts the migrations when files and database match', async () => {
    await migrationsOf(database).up(3);

    expect(await migrationsOf(database).validate()).toBe(NAMES.length);
  });

  it('rejects a migration that would block callers, before it is applied', async () => {
    await migrationsOf(database).up();
    await addMigration(directory, '9000_add-check', 'ALTER TABLE users ADD CHECK (version > 0);');

    expect(await faultsOf(migrationsOf(database, { directory }).validate())).toEqual([
      expect.stringMatching(/^9000_add-check: ADD CHECK \(VERSION > 0\) … scans the table\. Add it NOT VALID/),
    ]);
  });

  it('accepts a checkout with other line ends', async () => {
    await migrationsOf(database).up();
    const path = join(directory, '0001_create-users.sql');
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll('\n', '\r\n'));

    expect(await migrationsOf(database, { directory }).validate()).toBe(NAMES.length);
  });

  it.each(Object.entries(ALL))('and %s reject an edited migration', async (_, command) => {
    await migrationsOf(database).up();
    await addMigration(directory, '0006_create-idempotency-keys', 'SELECT 1;');

    expect(await faultsOf(command(migrationsOf(database, { directory })))).toEqual([
      '0006_create-idempotency-keys was edited after it was applied. Restore the original file and put the change into a new migration.',
    ]);
  });

  it.each(Object.entries(ALL))('and %s reject a missing migration', async (_, command) => {
    await migrationsOf(database).up();
    await rm(join(directory, '0006_create-idempotency-keys.sql'));

    expect(await faultsOf(command(migrationsOf(database, { directory })))).toEqual([
      '0006_create-idempotency-keys was applied, but its file is missing. Restore 0006_create-idempotency-keys.sql from version control.',
    ]);
  });

  it.each(Object.entries(FORWARD))('and %s reject an out-of-order migration', async (_, command) => {
    for (const name of [NAMES[1], ...NAMES.slice(5)]) await rm(join(directory, `${name}.sql`));
    await migrationsOf(database, { directory }).up();

    expect(await faultsOf(command(migrationsOf(database)))).toEqual([
      '0002_add-user-name-and-version was not applied, but the later 0005_create-credentials-and-sessions was. Give it the next free number.',
    ]);
  });

  it('rejects a migration that another tool applied', async () => {
    await migrationsOf(database).up();
    await sql(`DELETE FROM migration_checksums WHERE name = '0007_grant-least-privilege'`);

    expect(await faultsOf(migrationsOf(database).validate())).toEqual([
      '0007_grant-least-privilege was applied without a checksum. Check that the file is what was applied, then run "baseline 0007_grant-least-privilege".',
    ]);
  });

  it('rejects the schema of a newer release', async () => {
    await addMigration(directory, '9000_add-nicknames', 'CREATE TABLE nicknames (id INTEGER);');
    await migrationsOf(database, { directory }).up();

    expect(await faultsOf(migrationsOf(database).validate())).toHaveLength(1);
  });
});

describe('status', () => {
  it('lists applied and pending migrations and writes nothing', async () => {
    const empty = await schemaOf(database);
    const before = await migrationsOf(database).status();
    expect(await schemaOf(database)).toEqual(empty);
    await migrationsOf(database).up(2);
    const after = await migrationsOf(database).status();

    expect(before).toEqual(NAMES.map((name) => ({ name, appliedAt: undefined })));
    expect(after.map(({ appliedAt }) => appliedAt !== undefined)).toEqual(NAMES.map((_, place) => place < 2));
    expect(Math.abs(Date.now() - (after[0]?.appliedAt?.getTime() ?? 0))).toBeLessThan(60_000);
  });
});

describe('a login', () => {
  it('that is not a member of the owner role gets instructions', async () => {
    const asApp = { ...database, ownerUser: database.appUser, ownerPassword: database.appPassword };

    await expect(migrationsOf(asApp).up()).rejects.toMatchObject({
      code: 'MIGRATION_ROLE_MISSING',
      message: expect.stringContaining('GRANT user_service_owner TO user_service_app_login') as string,
    });
  });

  it('that cannot connect gets STORE_UNAVAILABLE', async () => {
    await expect(migrationsOf({ ...database, ownerPassword: 'wrong' }).up()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
  });
});
