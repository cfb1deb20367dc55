// The migration history in the database: node-pg-migrate's table of applied migrations, and a table with the checksums of their files.

import type { ClientBase } from 'pg';

import { query } from '../query.ts';
import type { MigrationFile } from './migration-file.ts';

export const HISTORY_TABLE = 'pgmigrations';

export type Applied = {
  readonly name: string;
  readonly appliedAt: Date;
  /** Undefined when the migration was not applied by this service. */
  readonly sha256: string | undefined;
};

type AppliedRow = { readonly name: string; readonly applied_at: Date; readonly sha256: string | null };

const CREATE_CHECKSUMS = `
  CREATE TABLE IF NOT EXISTS migration_checksums (
    name VARCHAR(255) PRIMARY KEY,
    sha256 CHAR(64) NOT NULL,
    applied_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now()
  )`;

const TABLES_EXIST = `
  SELECT to_regclass('pgmigrations') IS NOT NULL AS history, to_regclass('migration_checksums') IS NOT NULL AS checksums`;

// run_on has no time zone; the session's is UTC, see session.ts
const LIST = `
  SELECT pgmigrations.name, pgmigrations.run_on AT TIME ZONE 'UTC' AS applied_at, migration_checksums.sha256
  FROM pgmigrations
  LEFT JOIN migration_checksums USING (name)
  ORDER BY pgmigrations.run_on, pgmigrations.id`;

const LIST_WITHOUT_CHECKSUMS = `
  SELECT name, run_on AT TIME ZONE 'UTC' AS applied_at, NULL AS sha256
  FROM pgmigrations
  ORDER BY run_on, id`;

const RECORD = `
  INSERT INTO migration_checksums (name, sha256)
  VALUES ($1, $2)
  ON CONFLICT (name) DO NOTHING`;

export const prepareHistory = async (client: ClientBase): Promise<void> => {
  await query(client, { text: CREATE_CHECKSUMS });
};

/** The applied migrations, oldest first. Writes nothing, so it also works on a database that was never migrated. */
export const readHistory = async (client: ClientBase): Promise<Applied[]> => {
  const found = await query<{ history: boolean; checksums: boolean }>(client, { text: TABLES_EXIST });
  if (found.rows[0]?.history !== true) return [];
  const { rows } = await query<AppliedRow>(client, {
    text: found.rows[0].checksums ? LIST : LIST_WITHOUT_CHECKSUMS,
  });
  return rows.map((row) => ({ name: row.name, appliedAt: row.applied_at, sha256: row.sha256 ?? undefined }));
};

export const recordChecksum = async (client: ClientBase, { name, sha256 }: MigrationFile): Promise<void> => {
  await query(client, { text: RECORD, values: [name, sha256] });
};

// As text, for the transaction of the migration. Name and checksum need no quoting: see migration-file.ts.

export const rememberSql = ({ name, sha256 }: MigrationFile): string => `
  INSERT INTO migration_checksums (name, sha256)
  VALUES ('${name}', '${sha256}')
  ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, applied_at = now()`;

export const forgetSql = ({ name }: MigrationFile): string => `
  DELETE FROM migration_checksums
  WHERE name = '${name}'`;
