// Proves that the archive works: ends the current segment and waits until it can be read in wal/.

import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';

import { archiverState, isFailing, switchWal } from './backup-server.ts';
import { BackupError } from './backup-error.ts';
import type { Store } from './store.ts';
import { COMPRESSED } from './wal-archive.ts';

const WAIT_MS = 20_000;
const EVERY_MS = 50;

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Why the segment is not there: what the server says, or that it archives into another folder. */
const reasonFor = async (pool: Pool, segment: string, { wal }: Store): Promise<string> => {
  const state = await archiverState(pool);
  if (isFailing(state))
    return `archive_command fails for ${String(state.last_failed_wal)}: the log of the server has the reason`;
  if ((state.last_archived_wal ?? '') >= segment)
    return `the server has archived it, but not into ${wal} as ${segment}${COMPRESSED}`;
  return 'archive_command has not ended';
};

/** @returns the segment. @throws BackupError when it is not in the archive after 20 s */
export const awaitArchive = async (pool: Pool, store: Store): Promise<string> => {
  const segment = await switchWal(pool);
  const file = join(store.wal, segment + COMPRESSED);
  const deadline = Date.now() + WAIT_MS;
  while (!(await exists(file))) {
    if (Date.now() > deadline)
      throw new BackupError(`WAL ${segment} is not archived: ${await reasonFor(pool, segment, store)}.`);
    await pause(EVERY_MS);
  }
  return segment;
};
