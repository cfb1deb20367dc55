import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { PG_MIGRATE_LOCK_ID } from 'node-pg-migrate';
import type { ClientBase } from 'pg';

import { query } from '../query.ts';
import { MigrationError } from './errors.ts';

const TRY = `
  SELECT pg_try_advisory_lock($1) AS taken`;

const POLL_MS = { from: 100, to: 300 };

/**
 * One migration at a time. The lock is node-pg-migrate's own, so it also excludes its command line. It is released when the session
 * ends, even after a kill. It is polled: a statement that waits for a lock holds a snapshot, and CREATE INDEX CONCURRENTLY of the
 * run that has the lock would wait for that snapshot, which is a deadlock.
 * @throws MigrationError MIGRATION_LOCK_BUSY
 */
export const takeMigrationLock = async (
  client: ClientBase,
  { waitMs, report }: { waitMs: number; report: (line: string) => void },
): Promise<void> => {
  const deadline = Date.now() + waitMs;
  for (let attempt = 1; ; attempt += 1) {
    const { rows } = await query<{ taken: boolean }>(client, { text: TRY, values: [PG_MIGRATE_LOCK_ID] });
    if (rows[0]?.taken === true) return;
    if (Date.now() >= deadline) {
      throw new MigrationError(
        'MIGRATION_LOCK_BUSY',
        `Another migration is still running after ${waitMs / 1000} seconds.`,
      );
    }
    if (attempt === 1) report('waiting for another migration to end');
    await pause(randomInt(POLL_MS.from, POLL_MS.to));
  }
};
