// `npm run backup -- check`: whether a loss of the server right now would cost more than a minute of commits.

import type { Pool } from 'pg';

import { awaitArchive } from './await-archive.ts';
import { archiverState, assertArchives, describeServer, isFailing, MAX_ARCHIVE_SECONDS } from './backup-server.ts';
import { BackupError } from './backup-error.ts';
import { claimStore, listBackups, type Store } from './store.ts';

const MAX_BACKUP_HOURS = 24;

const secondsBetween = (from: Date, to: Date): number =>
  Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000));

/**
 * The age of the newest archived WAL: what the archive lacks at worst. An idle server archives nothing, so an old archive is tried once more before it counts.
 * @throws BackupError
 */
export const worstLossSeconds = async (pool: Pool, store: Store): Promise<number> => {
  const { last_archived_time: archivedAt, now, ...state } = await archiverState(pool);
  const age = archivedAt === null ? Number.POSITIVE_INFINITY : secondsBetween(archivedAt, now);
  if (isFailing({ last_archived_time: archivedAt, now, ...state }) && age > MAX_ARCHIVE_SECONDS)
    throw new BackupError(`The archive is ${age} s old: archive_command fails for ${String(state.last_failed_wal)}.`);
  if (age <= MAX_ARCHIVE_SECONDS) return age;
  await awaitArchive(pool, store);
  return 0;
};

/** @returns lines to print. @throws BackupError naming the first thing that is wrong */
export const checkBackups = async (pool: Pool, store: Store): Promise<string[]> => {
  const server = await describeServer(pool);
  assertArchives(server);
  await claimStore(store, server.system_identifier);
  const loss = await worstLossSeconds(pool, store);
  const [newest] = await listBackups(store);
  if (newest === undefined) throw new BackupError('There is no base backup: npm run backup');
  const { now } = await archiverState(pool);
  const hours = secondsBetween(new Date(newest.endedAt), now) / 3600;
  if (hours > MAX_BACKUP_HOURS)
    throw new BackupError(`The last base backup, ${newest.name}, is ${Math.floor(hours)} hours old: npm run backup`);
  return [
    `the newest archived WAL is ${loss} s old: a loss of the server would cost at most the commits since then`,
    `the last base backup is ${newest.name} (${hours.toFixed(1)} hours old)`,
  ];
};
