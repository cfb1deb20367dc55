// A migration is one SQL file: `-- Up Migration`, `-- Down Migration`, and on the first line `-- no transaction` when one of its
// statements, such as CREATE INDEX CONCURRENTLY, cannot run in a transaction.

/* eslint-disable security/detect-non-literal-fs-filename -- the folder is the configuration's, the names are its listing */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Fault } from '../../errors/coded-error.ts';
import { MigrationError } from './errors.ts';

export type MigrationFile = {
  /** Without the file extension. The number in front defines the order. */
  readonly name: string;
  /** Hexadecimal, of the text with LF line ends, so that a checkout on another system is the same. */
  readonly sha256: string;
  readonly inTransaction: boolean;
  /** True when the file says why it may block callers, see lock-rules.ts. */
  readonly acceptsLocks: boolean;
  readonly up: string;
  readonly down: string;
};

export const MIGRATIONS_DIRECTORY = join(import.meta.dirname, '../../../migrations');

const NAME = /^\d{4}_[a-z0-9-]+$/;
const UP = '-- Up Migration\n';
const DOWN = '-- Down Migration\n';
const NO_TRANSACTION = '-- no transaction\n';
const ACCEPTED_LOCK = /^-- accepted lock: \S/m;

/** @throws MigrationError MIGRATION_FILES_INVALID */
export const parseMigration = (name: string, content: string): MigrationFile => {
  const text = content.replaceAll('\r\n', '\n');
  const [head = '', afterUp, ...moreUps] = text.split(UP);
  const [up = '', down, ...moreDowns] = (afterUp ?? '').split(DOWN);
  if (down === undefined || moreUps.length > 0 || moreDowns.length > 0) {
    const message = `${name}.sql needs one line "-- Up Migration" and after it one "-- Down Migration".`;
    throw new MigrationError('MIGRATION_FILES_INVALID', message);
  }
  const sha256 = createHash('sha256').update(text).digest('hex');
  const inTransaction = !head.startsWith(NO_TRANSACTION);
  return { name, sha256, inTransaction, acceptsLocks: ACCEPTED_LOCK.test(text), up, down };
};

const nameFaults = (names: readonly string[]): Fault[] => {
  const numbers = names.map((name) => name.slice(0, 4));
  return names.flatMap((name, place) => {
    const faults: Fault[] = [];
    const pointer = `/${name}`;
    if (!NAME.test(name)) faults.push({ pointer, detail: `${name}.sql must be named like 0008_add-nicknames.sql.` });
    if (numbers.indexOf(name.slice(0, 4)) < place) {
      faults.push({ pointer, detail: `${name}.sql has the number of another migration; give it the next free one.` });
    }
    return faults;
  });
};

/**
 * The migrations of a folder, in order.
 * @throws MigrationError MIGRATION_FILES_INVALID with a fault per file
 */
export const readMigrationFiles = async (directory: string): Promise<MigrationFile[]> => {
  const entries = await readdir(directory);
  const names = entries.filter((entry) => entry.endsWith('.sql')).map((entry) => entry.slice(0, -'.sql'.length));
  names.sort((a, b) => (a < b ? -1 : 1));
  const faults = nameFaults(names);
  if (faults.length > 0) {
    throw new MigrationError('MIGRATION_FILES_INVALID', 'Migrations have invalid names.', { faults });
  }
  return Promise.all(
    names.map(async (name) => parseMigration(name, await readFile(join(directory, `${name}.sql`), 'utf8'))),
  );
};
