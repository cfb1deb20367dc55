// Runs one migration with node-pg-migrate, which records it in its history. This file supplies the statements and retries.

import { setTimeout as pause } from 'node:timers/promises';

import { runner, type MigrationBuilder } from 'node-pg-migrate';
import pg from 'pg';

import { makeBackoff } from '../../resilience/backoff.ts';
import { MigrationError } from './errors.ts';
import { forgetSql, HISTORY_TABLE, rememberSql } from './history.ts';
import type { MigrationFile } from './migration-file.ts';
import { splitStatements } from './split-statements.ts';
import type { Watch } from './watch.ts';

export type Direction = 'up' | 'down';

/** Milliseconds. */
export type Patience = {
  /** How long a statement waits for a lock: others queue behind it. */
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** How long a migration that did not get its locks is tried again in all … */
  readonly retryForMs: number;
  /** … with a pause that grows from this … */
  readonly firstPauseMs: number;
  /** … to this. Meanwhile nobody waits. */
  readonly maxPauseMs: number;
};

export type Run = {
  readonly client: pg.ClientBase;
  readonly watch: Watch;
  readonly patience: Patience;
  readonly directory: string;
  readonly files: readonly MigrationFile[];
  readonly report: (line: string) => void;
};

/** Lock not available, deadlock: caused by another transaction, so a retry can succeed. */
const TRANSIENT = new Set(['55P03', '40P01']);
const CANCELLED = '57014';

/**
 * Outside a transaction, statements have no timeout, and CONCURRENTLY waits for locks as long as the migration may be retried: no other
 * session waits behind it, and each attempt would build the index from the beginning.
 */
const addSeparately = (pgm: MigrationBuilder, sql: string, patience: Patience): void => {
  const lockTimeout = `SET lock_timeout = ${patience.lockTimeoutMs}`;
  pgm.noTransaction();
  pgm.sql('SET statement_timeout = 0');
  for (const statement of splitStatements(sql)) {
    pgm.sql(/\bCONCURRENTLY\b/i.test(statement) ? `SET lock_timeout = ${patience.retryForMs}` : lockTimeout);
    pgm.sql(statement);
  }
  pgm.sql(lockTimeout);
  pgm.sql(`SET statement_timeout = ${patience.statementTimeoutMs}`);
};

const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** The checksum is written with the migration: in its transaction, or just before it is marked as applied. */
const addSteps = (pgm: MigrationBuilder, file: MigrationFile, sql: string, patience: Patience): void => {
  if (file.inTransaction) pgm.sql(sql.trim());
  else addSeparately(pgm, sql, patience);
};

/** A migration unit of node-pg-migrate, which takes the name from the path. */
const toUnit = (patience: Patience) => (file: MigrationFile) => ({
  id: `${file.name}.sql`,
  filePaths: [`${file.name}.sql`],
  actions: {
    up: (pgm: MigrationBuilder) => {
      addSteps(pgm, file, file.up, patience);
      pgm.sql(rememberSql(file));
    },
    down: (pgm: MigrationBuilder) => {
      addSteps(pgm, file, file.down, patience);
      pgm.sql(forgetSql(file));
    },
  },
});

/** node-pg-migrate with our own lock, the files as already read and checked, and one transaction per migration. */
export const runNodePgMigrate = (
  { client, patience, directory, files }: Run,
  choice: { direction: Direction; count: number; fake: boolean },
) =>
  runner({
    ...choice,
    dbClient: client,
    dir: directory,
    ignorePattern: '.*(?<!\\.sql)',
    migrationsTable: HISTORY_TABLE,
    migrationLoaderStrategies: [{ extensions: ['.sql'], loader: () => Promise.resolve(files.map(toUnit(patience))) }],
    singleTransaction: false,
    noLock: true,
    logger: SILENT,
  });

const sqlStateOf = (error: unknown): string => (error instanceof pg.DatabaseError ? (error.code ?? '') : '');

/** Without the error's `detail`, which may contain personal data. */
const toFailure = (name: string, cause: unknown, lockReason?: string): MigrationError => {
  const reason = lockReason ?? (cause instanceof Error ? cause.message : String(cause));
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

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

/** Resolves when an attempt has succeeded. Its locks are free between attempts, so callers wait at most for one attempt. */
const applyPatiently = async (run: Run, direction: Direction, name: string): Promise<void> => {
  const { retryForMs, firstPauseMs: firstMs, maxPauseMs: maxMs } = run.patience;
  const backoff = makeBackoff({ firstMs, maxMs });
  const end = performance.now() + retryForMs;
  for (;;) {
    const { outcome, waitedFor, gaveWay } = await run.watch(name, () => attempt(run, direction));
    if (outcome.status === 'fulfilled') return;
    const error: unknown = outcome.reason;
    const state = sqlStateOf(error);
    if (!TRANSIENT.has(state) && !(gaveWay && state === CANCELLED)) throw toFailure(name, error);
    const reason = gaveWay
      ? 'was cancelled because callers waited for it'
      : `did not get a lock, held by ${waitedFor ?? 'a session that is gone'}`;
    const { attempt: tries, retryInMs } = backoff.next();
    const leftMs = end - performance.now();
    if (retryInMs > leftMs) throw toFailure(name, error, `it ${reason}, ${tries} times in ${seconds(retryForMs)}`);
    run.report(`${name} ${reason}; try ${tries + 1} in ${seconds(retryInMs)}, giving up in ${seconds(leftMs)}`);
    await pause(retryInMs);
  }
};

/**
 * Applies the first pending migration, or reverts the last applied one, and reports it in one line.
 * @throws MigrationError MIGRATION_FAILED
 */
export const applyNext = async (run: Run, direction: Direction, name: string): Promise<void> => {
  const start = performance.now();
  await applyPatiently(run, direction, name);
  const tookMs = Math.round(performance.now() - start);
  run.report(`${direction === 'up' ? 'applied' : 'reverted'} ${name} (${tookMs} ms)`);
};
