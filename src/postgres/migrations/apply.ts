// Runs one migration with node-pg-migrate, which records it in its history. This file supplies the statements and retries.

import { setTimeout as pause } from 'node:timers/promises';

import { runner, type MigrationBuilder } from 'node-pg-migrate';
import pg from 'pg';

import { backoffMs } from '../../resilience/backoff.ts';
import { MigrationError } from './errors.ts';
import { forgetSql, HISTORY_TABLE, rememberSql } from './history.ts';
import type { MigrationFile } from './migration-file.ts';
import { splitStatements } from './split-statements.ts';

export type Direction = 'up' | 'down';

export type Run = {
  readonly client: pg.ClientBase;
  readonly directory: string;
  readonly files: readonly MigrationFile[];
  readonly report: (line: string) => void;
};

const ATTEMPTS = 5;
const BACKOFF = { firstMs: 200, maxMs: 1600 };

/** Lock not available, deadlock: caused by another transaction, so a retry can succeed. */
const TRANSIENT = new Set(['55P03', '40P01']);

/** Outside a transaction, statements have no timeout … */
const NO_TRANSACTION = ['SET statement_timeout = 0', 'RESET lock_timeout'];

/** … and CONCURRENTLY waits longer for locks, because no other session waits behind it. */
const withLockTimeout = (statement: string): string[] =>
  /\bCONCURRENTLY\b/i.test(statement) ? ["SET lock_timeout = '60s'", statement, 'RESET lock_timeout'] : [statement];

const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** The checksum is written with the migration: in its transaction, or just before it is marked as applied. */
const addSteps = (pgm: MigrationBuilder, file: MigrationFile, sql: string, checksumSql: string): void => {
  if (file.inTransaction) {
    pgm.sql(sql.trim());
  } else {
    pgm.noTransaction();
    const statements = splitStatements(sql).flatMap(withLockTimeout);
    for (const step of [...NO_TRANSACTION, ...statements, 'RESET statement_timeout']) pgm.sql(step);
  }
  pgm.sql(checksumSql);
};

/** A migration unit of node-pg-migrate, which takes the name from the path. */
const toUnit = (file: MigrationFile) => ({
  id: `${file.name}.sql`,
  filePaths: [`${file.name}.sql`],
  actions: {
    up: (pgm: MigrationBuilder) => {
      addSteps(pgm, file, file.up, rememberSql(file));
    },
    down: (pgm: MigrationBuilder) => {
      addSteps(pgm, file, file.down, forgetSql(file));
    },
  },
});

/** node-pg-migrate with our own lock, the files as already read and checked, and one transaction per migration. */
export const runNodePgMigrate = (
  { client, directory, files }: Run,
  choice: { direction: Direction; count: number; fake: boolean },
) =>
  runner({
    ...choice,
    dbClient: client,
    dir: directory,
    ignorePattern: '.*(?<!\\.sql)',
    migrationsTable: HISTORY_TABLE,
    migrationLoaderStrategies: [{ extensions: ['.sql'], loader: () => Promise.resolve(files.map(toUnit)) }],
    singleTransaction: false,
    noLock: true,
    logger: SILENT,
  });

const sqlStateOf = (error: unknown): string => (error instanceof pg.DatabaseError ? (error.code ?? '') : '');

/** Without the error's `detail`, which may contain personal data. */
const toFailure = (name: string, cause: unknown): MigrationError => {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new MigrationError('MIGRATION_FAILED', `${name} failed: ${reason} (${sqlStateOf(cause)})`, { cause });
};

const attempt = async (run: Run, direction: Direction): Promise<void> => {
  try {
    await runNodePgMigrate(run, { direction, count: 1, fake: false });
  } catch (error) {
    await run.client.query('ROLLBACK').catch(() => undefined); // the runner leaves a failed transaction open
    throw error;
  }
};

/**
 * Applies the first pending migration, or reverts the last applied one, and reports it in one line.
 * @throws MigrationError MIGRATION_FAILED
 */
export const applyNext = async (run: Run, direction: Direction, name: string): Promise<void> => {
  const start = performance.now();
  for (let tries = 1; ; tries += 1) {
    try {
      await attempt(run, direction);
      break;
    } catch (error) {
      if (tries === ATTEMPTS || !TRANSIENT.has(sqlStateOf(error))) throw toFailure(name, error);
      run.report(`${name} could not get a lock (${sqlStateOf(error)}), attempt ${tries + 1} of ${ATTEMPTS}`);
      await pause(backoffMs(tries, BACKOFF));
    }
  }
  const tookMs = Math.round(performance.now() - start);
  run.report(`${direction === 'up' ? 'applied' : 'reverted'} ${name} (${tookMs} ms)`);
};
