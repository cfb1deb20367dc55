import { rm } from 'node:fs/promises';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { REQUIRED_MIGRATION } from '../../../src/postgres/postgres-check.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { asAdmin } from './arrange.ts';
import { addMigration, copyOfMigrations, migrationsOf, NAMES, schemaOf } from './arrange-migrations.ts';

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

describe('up', () => {
  it('applies every migration once, in order, with one line each', async () => {
    const lines: string[] = [];
    const migrations = migrationsOf(database, { report: (line) => lines.push(line) });

    expect(await migrations.up()).toEqual(NAMES);
    expect(await migrations.up()).toEqual([]);
    expect(lines.map((line) => line.replace(/ \(\d+ ms\)$/, ''))).toEqual(NAMES.map((name) => `applied ${name}`));
  });

  it('applies the given number of migrations', async () => {
    expect(await migrationsOf(database).up(2)).toEqual(NAMES.slice(0, 2));
    expect(await migrationsOf(database).up(1)).toEqual(NAMES.slice(2, 3));
  });

  it('ends with the migration that this release requires', async () => {
    await migrationsOf(database).up();

    expect((await migrationsOf(database).status()).map(({ name }) => name)).toContain(REQUIRED_MIGRATION);
  });

  it('creates the same schema again after all migrations were reverted', async () => {
    const migrations = migrationsOf(database);
    await migrations.up();
    const before = await schemaOf(database);

    const undone = await migrations.down(NAMES.length);
    const between = await schemaOf(database);
    await migrations.up();

    expect(undone).toEqual([...NAMES].reverse());
    expect(between.filter((line) => line.startsWith('relation users'))).toEqual([]);
    expect(await schemaOf(database)).toEqual(before);
  });

  it('creates the same schema again after each migration was reverted', async () => {
    const migrations = migrationsOf(database);
    for (const name of NAMES) {
      await migrations.up(1);
      const before = await schemaOf(database);
      expect(await migrations.down()).toEqual([name]);
      await migrations.up(1);
      expect(await schemaOf(database)).toEqual(before);
    }
  });

  it('creates the table of the original design unchanged', async () => {
    await migrationsOf(database).up(1);

    const columns = (await schemaOf(database)).filter((line) => line.startsWith('column users.'));
    expect(columns).toEqual([
      'column users.created_at: timestamp with time zone NO now()',
      'column users.email: character varying 255 NO',
      'column users.id: uuid NO gen_random_uuid()',
      'column users.updated_at: timestamp with time zone NO now()',
      'column users.username: character varying 50 NO',
    ]);
  });

  it('applies each migration once when five processes start at once', async () => {
    const lines: string[] = [];
    const start = () => migrationsOf(database, { report: (line) => lines.push(line) }).up();

    const applied = await Promise.all([start(), start(), start(), start(), start()]);

    expect(applied.flat()).toEqual(NAMES);
    expect(lines).toContain('waiting for another migration to end');
  });

  it('gives up when another migration does not end', async () => {
    const ended = asAdmin(database, async (admin) => {
      await admin.query('SELECT pg_advisory_lock(7241865325823964)');
      await migrationsOf(database, { waitMs: 100 }).up();
    });

    await expect(ended).rejects.toMatchObject({ code: 'MIGRATION_LOCK_BUSY' });
  });

  it('rolls back a migration that fails, and continues from it when it is fixed', async () => {
    const name = '9000_add-nicknames';
    await addMigration(directory, name, 'CREATE TABLE nicknames (id INTEGER);\nCREATE TABLE users (id INTEGER);');

    await expect(migrationsOf(database, { directory }).up()).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: '9000_add-nicknames failed: relation "users" already exists (42P07)',
    });
    expect(await schemaOf(database)).not.toContainEqual(expect.stringContaining('nicknames'));

    await addMigration(directory, name, 'CREATE TABLE nicknames (id INTEGER);');
    expect(await migrationsOf(database, { directory }).up()).toEqual([name]);
  });

  it('does nothing on the schema of a newer release, and reports it', async () => {
    await addMigration(directory, '9000_add-nicknames', 'CREATE TABLE nicknames (id INTEGER);');
    await migrationsOf(database, { directory }).up();
    const lines: string[] = [];

    expect(await migrationsOf(database, { report: (line) => lines.push(line) }).up()).toEqual([]);
    expect(lines).toEqual(['the database is ahead of this release by 9000_add-nicknames']);
  });
});
