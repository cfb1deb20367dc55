// Deletes expired rows until none is left: at start, and about once a minute. Statements are short and have pauses between them.

import { setTimeout as pause } from 'node:timers/promises';

import type { ExpiredRows } from '../postgres/expired-rows.ts';
import { makeRepeat } from '../resilience/repeat.ts';
import type { Foundation } from './foundation.ts';

type Deps = {
  readonly tables: readonly ExpiredRows[];
  /** Called for a table that failed; the others are purged all the same, and this one next time. */
  readonly onError: (error: unknown, table: string) => void;
  /** Called after each run: for how long the oldest row that is still there has been expired. */
  readonly onOverdue: (table: string, seconds: number) => void;
  readonly everyMs?: number;
};

const ROWS_PER_STATEMENT = 1000;
const PAUSE_MS = 50;

/** Processes that were started together do not purge together. */
const jittered = (ms: number): number => ms * (0.8 + Math.random() * 0.4); // eslint-disable-line sonarjs/pseudo-random -- no secret

export const makePurge = ({ tables, onError, onOverdue, everyMs = 60_000 }: Deps) => {
  const closing = new AbortController();
  const isClosing = (): boolean => closing.signal.aborted;

  const purgeTable = async (rows: ExpiredRows): Promise<void> => {
    try {
      while (!isClosing() && (await rows.deleteSome(ROWS_PER_STATEMENT)) === ROWS_PER_STATEMENT)
        await pause(PAUSE_MS, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
    } finally {
      if (!isClosing()) onOverdue(rows.table, await rows.overdueSeconds()); // most of all when deleting failed
    }
  };
  const purgeAll = async (): Promise<void> => {
    for (const rows of tables) {
      if (isClosing()) return;
      await purgeTable(rows).catch((error: unknown) => {
        onError(error, rows.table);
      });
    }
  };
  const repeat = makeRepeat({ everyMs: jittered(everyMs), work: purgeAll, onError: () => undefined });

  return {
    /** The first run starts at once: a process that is replaced often purges, too. */
    start: (): void => {
      void repeat.startNow();
    },
    /** Resolves when the current statement has ended. */
    close: async (): Promise<void> => {
      closing.abort();
      await repeat.close();
    },
  };
};

/** Purges until the process ends, with log lines and a gauge. */
export const startPurge = ({
  tables,
  lifecycle,
  metrics,
  logger,
}: Foundation & { readonly tables: readonly ExpiredRows[] }): void => {
  const log = logger.child({ logger: 'purge' });
  const purge = makePurge({
    tables,
    onError: (err, table) => {
      log.warn({ err, table }, 'expired rows not deleted');
    },
    onOverdue: (table, seconds) => {
      metrics.purgeOverdueSeconds.set({ table }, seconds);
    },
  });
  for (const { table } of tables) metrics.purgeOverdueSeconds.set({ table }, 0);
  purge.start();
  lifecycle.add('purge', purge.close);
};
