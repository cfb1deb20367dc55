// What a backup asks its server. Needs a login with REPLICATION and the right to call pg_switch_wal, see docs/backup.md.

import type { Pool } from 'pg';

import { BackupError } from './backup-error.ts';

const DESCRIBE = `
  SELECT current_setting('server_version') AS version,
    current_setting('server_version_num')::integer / 10000 AS major,
    current_setting('archive_mode') AS archive_mode,
    extract(epoch FROM current_setting('archive_timeout')::interval)::integer AS archive_timeout,
    pg_size_bytes(current_setting('wal_segment_size'))::integer AS segment_bytes,
    (SELECT system_identifier::text FROM pg_control_system()) AS system_identifier`;

// without the message there may be nothing to switch: the name would be that of a segment that stays open
const SWITCH = `
  WITH message AS MATERIALIZED (SELECT pg_logical_emit_message(false, 'backup', 'switch') AS lsn)
  SELECT pg_walfile_name(lsn) AS segment, pg_switch_wal() AS at
  FROM message`;

const STATE = `
  SELECT last_archived_wal, last_archived_time, last_failed_wal, last_failed_time, clock_timestamp() AS now
  FROM pg_stat_archiver`;

export type ServerFacts = {
  readonly version: string;
  readonly major: number;
  readonly archive_mode: string;
  readonly archive_timeout: number;
  readonly segment_bytes: number;
  readonly system_identifier: string;
};

export type ArchiverState = {
  readonly last_archived_wal: string | null;
  readonly last_archived_time: Date | null;
  readonly last_failed_wal: string | null;
  readonly last_failed_time: Date | null;
  /** Clock of the server. */
  readonly now: Date;
};

const single = async <T extends object>(pool: Pool, text: string): Promise<T> => {
  const { rows } = await pool.query<T>(text);
  if (rows[0] === undefined) throw new BackupError('The server has no answer.');
  return rows[0];
};

export const describeServer = (pool: Pool): Promise<ServerFacts> => single(pool, DESCRIBE);

export const archiverState = (pool: Pool): Promise<ArchiverState> => single(pool, STATE);

/** Ends the current segment. @returns its name */
export const switchWal = async (pool: Pool): Promise<string> =>
  (await single<{ segment: string }>(pool, SWITCH)).segment;

/** The server's clock says when it failed last, and it has not succeeded since. */
export const isFailing = ({ last_failed_time: failed, last_archived_time: archived }: ArchiverState): boolean =>
  failed !== null && (archived === null || failed > archived);

/** The server archives by itself at least this often, so older WAL means that nothing was written, or that archiving fails. */
export const MAX_ARCHIVE_SECONDS = 60;

/** @throws BackupError when up to a minute of commits can't be restored after a loss of the server */
export const assertArchives = ({ archive_mode: mode, archive_timeout: seconds }: ServerFacts): void => {
  if (mode === 'off') throw new BackupError('The server archives no WAL: archive_mode is off.');
  if (seconds < 1 || seconds > MAX_ARCHIVE_SECONDS)
    throw new BackupError(`archive_timeout is ${seconds} s: it must be between 1 and ${MAX_ARCHIVE_SECONDS} s.`);
};
