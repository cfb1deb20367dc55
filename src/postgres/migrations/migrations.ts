// Applies, reverts and validates migrations: docs/migrations.md.

import type { ClientBase } from 'pg';

import type { ConnectionOptions } from '../connection.ts';
import { query } from '../query.ts';
import { applyNext, type Direction, type Patience, type Run } from './apply.ts';
import { baseline } from './baseline.ts';
import { MigrationError } from './errors.ts';
import { findHistoryFaults, findNewer } from './history-faults.ts';
import { prepareHistory, readHistory, type Applied } from './history.ts';
import { findLockFaults } from './lock-rules.ts';
import { takeMigrationLock } from './lock.ts';
import { MIGRATIONS_DIRECTORY, readMigrationFiles, type MigrationFile } from './migration-file.ts';
import { withConnection, withSession } from './session.ts';
import { makeWatch } from './watch.ts';

type Server = Pick<ConnectionOptions, 'host' | 'port' | 'database' | 'user' | 'password' | 'tls' | 'tlsCa'>;

export type MigrationsOptions = {
  /** The login is a member of user_service_owner. */
  readonly connection: Server & { readonly connectTimeoutMs?: number };
  readonly directory?: string;
  /** Called with one line per migration, and one for each try that did not get its locks. */
  readonly report?: (line: string) => void;
  /** Called after each migration that was applied or reverted. */
  readonly onApplied?: (name: string, direction: Direction) => void;
  /** How long a run waits for another run to end. */
  readonly waitMs?: number;
  /** How long the service waits for a lock (POSTGRES_LOCK_TIMEOUT_MS). No caller waits that long because of a migration. Default: 500 */
  readonly callerLockTimeoutMs?: number;
  /** How long a statement in a transaction may run, and the retries of a migration that did not get its locks. */
  readonly patience?: Partial<Patience>;
};

/** A caller waits behind a waiting migration, and then for as long as that holds its locks: together less than the caller's timeout. */
const LOCK_SHARE = 0.4;
const CALLER_SHARE = 0.6;
const MAX_LOCK_TIMEOUT_MS = 200;

/** Retries and the wait for another run fit into the `migrations.timeoutSeconds` of the Helm chart. */
const toPatience = ({ callerLockTimeoutMs = 500, patience }: MigrationsOptions): Patience => ({
  lockTimeoutMs: Math.max(1, Math.min(MAX_LOCK_TIMEOUT_MS, Math.floor(callerLockTimeoutMs * LOCK_SHARE))),
  statementTimeoutMs: 60_000,
  retryForMs: 240_000,
  firstPauseMs: 1000,
  maxPauseMs: 15_000,
  ...patience,
});

export type MigrationStatus = { readonly name: string; readonly appliedAt: Date | undefined };

export type Migrations = {
  /** Applies all pending migrations, or the first `count`. Resolves with their names. */
  up(count?: number): Promise<string[]>;
  /** Reverts the last `count` migrations (default: 1). Resolves with their names. */
  down(count?: number): Promise<string[]>;
  status(): Promise<MigrationStatus[]>;
  /** Marks the migrations up to `name` as applied in a database that has their tables already. */
  baseline(name: string): Promise<void>;
  /** Rejects when a migration is edited, missing, out of order, or blocks callers for long. Resolves with the number of valid migrations. */
  validate(): Promise<number>;
};

const assertConsistent = (files: readonly MigrationFile[], applied: readonly Applied[]): void => {
  const faults = findHistoryFaults(files, applied);
  if (faults.length > 0) {
    throw new MigrationError('MIGRATION_HISTORY_UNSOUND', 'Migration files and database do not match.', { faults });
  }
};

const isPending = (applied: readonly Applied[]) => (file: MigrationFile) =>
  !applied.some(({ name }) => name === file.name);

/** An older release on a newer schema has nothing to apply and must not fail, so that a release can be rolled back. */
const withoutNewer = ({ files, report }: Run, applied: readonly Applied[]): Applied[] => {
  const newer = files.some(isPending(applied)) ? [] : findNewer(files, applied);
  if (newer.length > 0) report(`the database is ahead of this release by ${newer.join(', ')}`);
  return applied.filter(({ name }) => !newer.includes(name));
};

type OnApplied = NonNullable<MigrationsOptions['onApplied']>;

const applyAll = async (run: Run, direction: Direction, names: string[], onApplied: OnApplied): Promise<string[]> => {
  for (const name of names) {
    await applyNext(run, direction, name);
    onApplied(name, direction);
  }
  return names;
};

/** A process that freezes or loses its network in a transaction must not hold its locks for long. */
const IDLE_IN_TRANSACTION_MS = 1000;

const toConnection = (options: MigrationsOptions, patience: Patience): ConnectionOptions => ({
  connectTimeoutMs: 10_000,
  ...options.connection,
  applicationName: 'user-service-migrate',
  statementTimeoutMs: patience.statementTimeoutMs,
  lockTimeoutMs: patience.lockTimeoutMs,
  idleInTransactionTimeoutMs: IDLE_IN_TRANSACTION_MS,
});

const PID = `
  SELECT pg_backend_pid() AS pid`;

const pidOf = async (client: ClientBase): Promise<number> => {
  const { rows } = await query<{ pid: number }>(client, { text: PID });
  return rows[0]?.pid ?? 0;
};

/**
 * @throws MigrationError from every command, see its codes
 * @throws Unavailable STORE_UNAVAILABLE
 */
export const makeMigrations = (options: MigrationsOptions): Migrations => {
  const { directory = MIGRATIONS_DIRECTORY, report = () => undefined, waitMs = 300_000 } = options;
  const { onApplied = () => undefined } = options;
  const patience = toPatience(options);
  const connection = toConnection(options, patience);
  const callerWaitMs = Math.floor((options.callerLockTimeoutMs ?? 500) * CALLER_SHARE);

  const read = async <T>(work: (files: MigrationFile[], applied: Applied[]) => T): Promise<T> => {
    const files = await readMigrationFiles(directory);
    return withSession(connection, async (client) => work(files, await readHistory(client)));
  };

  const change = async <T>(work: (run: Run, applied: Applied[]) => Promise<T>): Promise<T> => {
    const files = await readMigrationFiles(directory);
    return withSession(connection, async (client: ClientBase) => {
      await takeMigrationLock(client, { waitMs, report });
      await prepareHistory(client);
      const applied = await readHistory(client);
      const pid = await pidOf(client);
      // as the login: a role may cancel its own sessions only
      return withConnection(connection, (watcher) => {
        const watch = makeWatch({ client: watcher, pid, callerWaitMs, report });
        return work({ client, watch, patience, directory, files, report }, applied);
      });
    });
  };

  return {
    up: (count = Infinity) =>
      change((run, applied) => {
        assertConsistent(run.files, withoutNewer(run, applied));
        const pending = run.files.filter(isPending(applied)).slice(0, count);
        return applyAll(
          run,
          'up',
          pending.map(({ name }) => name),
          onApplied,
        );
      }),

    down: (count = 1) =>
      change((run, applied) => {
        assertConsistent(run.files, applied);
        return applyAll(
          run,
          'down',
          applied
            .map(({ name }) => name)
            .reverse()
            .slice(0, count),
          onApplied,
        );
      }),

    status: () =>
      read((files, applied) => [
        ...applied.map(({ name, appliedAt }) => ({ name, appliedAt })),
        ...files.filter(isPending(applied)).map(({ name }) => ({ name, appliedAt: undefined })),
      ]),

    baseline: (name) => change((run, applied) => baseline(run, applied, name)),

    validate: () =>
      read((files, applied) => {
        assertConsistent(files, applied);
        const faults = findLockFaults(files);
        if (faults.length > 0)
          throw new MigrationError('MIGRATION_FILES_INVALID', 'Migrations block callers for long.', { faults });
        return files.length;
      }),
  };
};
