// Baselines a database whose tables were created in another way: marks their migrations as applied.

import type { ClientBase } from 'pg';

import type { Fault } from '../../errors/coded-error.ts';
import { query } from '../query.ts';
import { runNodePgMigrate, type Run } from './apply.ts';
import { MigrationError } from './errors.ts';
import { recordChecksum, type Applied } from './history.ts';
import type { MigrationFile } from './migration-file.ts';

const FIND_TABLES = `
  SELECT wanted.name, pg_get_userbyid(pg_class.relowner) AS owner,
    pg_has_role(current_user, pg_class.relowner, 'USAGE') AS is_ours
  FROM unnest($1::text[]) AS wanted (name)
  LEFT JOIN pg_class ON pg_class.oid = to_regclass(wanted.name)
  ORDER BY wanted.name`;

type TableRow = { readonly name: string; readonly owner: string | null; readonly is_ours: boolean | null };

const tablesOf = (files: readonly MigrationFile[]): string[] =>
  files.flatMap(({ up }) => [...up.matchAll(/^CREATE TABLE (\w+)/gm)].map(([, table]) => table ?? ''));

const toFault = ({ name, owner, is_ours: isOurs }: TableRow): Fault[] => {
  const pointer = `/${name}`;
  if (owner === null)
    return [{ pointer, detail: `There is no table ${name}: baseline an earlier migration, or run "up".` }];
  if (isOurs === true) return [];
  return [{ pointer, detail: `Table ${name} belongs to ${owner}; ALTER TABLE ${name} OWNER TO user_service_owner.` }];
};

const assertTablesExist = async (client: ClientBase, files: readonly MigrationFile[]): Promise<void> => {
  const { rows } = await query<TableRow>(client, { text: FIND_TABLES, values: [tablesOf(files)] });
  const faults = rows.flatMap(toFault);
  if (faults.length > 0) {
    throw new MigrationError('BASELINE_IMPOSSIBLE', 'The database does not have the tables of these migrations.', {
      faults,
    });
  }
};

/**
 * Marks the migrations up to `name` as applied without running them, with their checksums.
 * @throws MigrationError MIGRATION_UNKNOWN | BASELINE_IMPOSSIBLE
 */
export const baseline = async (run: Run, applied: readonly Applied[], name: string): Promise<void> => {
  const last = run.files.findIndex((file) => file.name === name);
  if (last === -1) throw new MigrationError('MIGRATION_UNKNOWN', `There is no migration ${name}.`);
  const baselined = run.files.slice(0, last + 1);
  await assertTablesExist(run.client, baselined);
  for (const file of baselined) await recordChecksum(run.client, file);
  const missing = baselined.filter((file) => !applied.some((done) => done.name === file.name));
  if (missing.length > 0) await runNodePgMigrate(run, { direction: 'up', count: missing.length, fake: true });
  for (const file of baselined) run.report(`baselined ${file.name}`);
};
