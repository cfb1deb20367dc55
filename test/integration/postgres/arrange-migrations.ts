import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  makeMigrations,
  type Migrations,
  type MigrationsOptions,
} from '../../../src/postgres/migrations/migrations.ts';
import { MIGRATIONS_DIRECTORY } from '../../../src/postgres/migrations/migration-file.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { asAdmin } from './arrange.ts';

export const NAMES = [
  '0001_create-users',
  '0002_add-user-name-and-version',
  '0003_ignore-case-of-usernames-and-emails',
  '0004_page-users-by-keyset',
  '0005_create-credentials-and-sessions',
  '0006_create-idempotency-keys',
  '0007_grant-least-privilege',
  '0008_create-outbox',
  '0009_create-orders',
  '0010_keep-token-families',
  '0011_store-no-request-with-idempotency-keys',
  '0012_mark-erased-users',
  '0013_drop-outbox-trigger',
] as const;

/** A copy of the project's migrations, for tests that change them. */
export const copyOfMigrations = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'migrations-'));
  await cp(MIGRATIONS_DIRECTORY, directory, { recursive: true });
  return directory;
};

export const addMigration = (directory: string, name: string, up: string): Promise<void> =>
  writeFile(join(directory, `${name}.sql`), `-- Up Migration\n${up}\n\n-- Down Migration\nSELECT 1;\n`);

export const migrationsOf = (at: TestDatabase, options: Partial<MigrationsOptions> = {}): Migrations => {
  const { host, port, database, ownerUser: user, ownerPassword } = at;
  const password = (): string => ownerPassword;
  return makeMigrations({
    connection: { host, port, database, user, password, tls: 'disable' },
    ...options,
  });
};

const SCHEMA = `
  SELECT 'column' AS kind, table_name || '.' || column_name AS name,
    concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default) AS definition
  FROM information_schema.columns WHERE table_schema = 'public'
  UNION ALL
  SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL
  SELECT 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid) || ' ' || indisvalid
  FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = 'public'::regnamespace
  UNION ALL
  SELECT 'relation', relname, concat_ws(' ', relkind, pg_get_userbyid(relowner), relacl::text)
  FROM pg_class WHERE relnamespace = 'public'::regnamespace
  ORDER BY 1, 2, 3`;

/** Everything that migrations create, as comparable lines. */
export const schemaOf = (at: TestDatabase): Promise<string[]> =>
  asAdmin(at, async (admin) => {
    const { rows } = await admin.query<{ kind: string; name: string; definition: string }>(SCHEMA);
    return rows.map(({ kind, name, definition }) => `${kind} ${name}: ${definition}`);
  });

/** The fault messages of a rejected command. */
export const faultsOf = (work: Promise<unknown>): Promise<string[]> =>
  work.then(
    () => [],
    (error: unknown) => (error as { faults: { detail: string }[] }).faults.map(({ detail }) => detail),
  );
