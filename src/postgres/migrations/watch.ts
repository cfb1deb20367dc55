// Watches the session of a running migration from a second connection. A lock timeout bounds one wait for one lock. This bounds what
// callers feel: the wait of the migration, the time that it holds its locks, and further waits while it holds the first ones.

import { setTimeout as pause } from 'node:timers/promises';

import type { ClientBase } from 'pg';

import { query } from '../query.ts';

const LOOK_EVERY_MS = 50;
const REPORT_EVERY_MS = 10_000;

// Only statements of callers count, not a vacuum: their lock modes on tables, and waits for a row.
const LOOK = `
  SELECT
    (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)) * 1000, 0)::int
     FROM pg_locks
     WHERE NOT granted AND $1 = ANY (pg_blocking_pids(pid))
       AND (mode IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock') OR locktype IN ('tuple', 'transactionid'))
    ) AS held_up_ms,
    (SELECT coalesce(json_agg(json_build_object(
       'pid', pid, 'user', usename, 'application', application_name, 'state', state,
       'command', upper(substring(query FROM '^\\s*(\\w+)')), 'seconds', extract(epoch FROM now() - xact_start)::int)), '[]')
     FROM pg_stat_activity
     WHERE pid = ANY (pg_blocking_pids($1))
    ) AS blockers`;

const CANCEL = `
  SELECT pg_cancel_backend($1)`;

type Blocker = {
  readonly pid: number;
  readonly user: string | null;
  readonly application: string | null;
  /** This and the following are null for sessions of other roles, unless the login is in pg_read_all_stats. */
  readonly state: string | null;
  readonly command: string | null;
  readonly seconds: number | null;
};

export type Watched<T> = {
  readonly outcome: PromiseSettledResult<T>;
  /** Who was last seen to block the migration; undefined when nobody was. */
  readonly waitedFor: string | undefined;
  /** True when the migration was cancelled because callers waited for it. */
  readonly gaveWay: boolean;
};

/** The command only: the text of a statement may contain personal data. */
const describe = ({ pid, user, application, state, command, seconds }: Blocker): string => {
  const details = [
    application,
    user && `user ${user}`,
    state,
    command,
    seconds !== null && `${seconds} s in transaction`,
  ];
  return `pid ${pid} (${details.filter(Boolean).join(', ')})`;
};

type Deps = {
  /** Of its own: the one of the migration is busy. */
  readonly client: ClientBase;
  /** Of the migration. */
  readonly pid: number;
  /** A caller that has waited for the migration for this long must not wait on. */
  readonly callerWaitMs: number;
  readonly report: (line: string) => void;
};

export const makeWatch =
  ({ client, pid, callerWaitMs, report }: Deps) =>
  /** Runs `work`, and cancels its statement when callers have waited too long for it. Never rejects because of `work`. */
  async <T>(name: string, work: () => Promise<T>): Promise<Watched<T>> => {
    let waitedFor: string | undefined;
    let gaveWay = false;
    let reportedAt = performance.now();
    const over = new AbortController();

    const look = async (): Promise<void> => {
      const { rows } = await query<{ held_up_ms: number; blockers: Blocker[] }>(client, { text: LOOK, values: [pid] });
      const { held_up_ms: heldUpMs = 0, blockers = [] } = rows[0] ?? {};
      if (blockers.length > 0) waitedFor = blockers.map(describe).join(', ');
      if (heldUpMs >= callerWaitMs) {
        gaveWay = true;
        await query(client, { text: CANCEL, values: [pid] });
      }
      if (blockers.length > 0 && performance.now() - reportedAt > REPORT_EVERY_MS) {
        reportedAt = performance.now();
        report(`${name} is waiting for ${waitedFor}`);
      }
    };
    const keepLooking = async (): Promise<void> => {
      while (!over.signal.aborted) {
        await look();
        await pause(LOOK_EVERY_MS, undefined, { signal: over.signal }).catch(() => undefined);
      }
    };
    // the lock timeout goes on without it
    const watching = keepLooking().catch((error: unknown) => {
      report(`${name} is no longer watched: ${error instanceof Error ? error.message : String(error)}`);
    });
    const [outcome] = await Promise.allSettled([work()]);
    over.abort();
    await watching;
    return { outcome, waitedFor, gaveWay };
  };

export type Watch = ReturnType<typeof makeWatch>;
