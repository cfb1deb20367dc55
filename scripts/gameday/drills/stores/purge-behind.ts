import { strict as assert } from 'node:assert';

import type { Drill } from '../../drill.ts';
import type { Stack } from '../../stacks/stack.ts';
import { endLock, holdLock, lockHolder } from './held-lock.ts';

const TERMINAL = 'forgotten-terminal';
/** Two hours longer than rows of this table are kept. */
const EXPIRED = `received_at < now() - interval '30 days 1 hour'`;
const INSERT = `
  INSERT INTO inbox (consumer, event_id, received_at)
  SELECT 'user-service-worker', gen_random_uuid(), now() - interval '30 days 2 hours'
  FROM generate_series(1, 3)`;

const lockExpiredRows = async (stack: Stack): Promise<void> => {
  await stack.sql(INSERT);
  await holdLock(stack, TERMINAL, `SELECT event_id FROM inbox WHERE ${EXPIRED} FOR UPDATE`);
  await stack.restart('worker'); // purges at its start: the next run would be in a minute
};

const assertPurged = async (stack: Stack): Promise<void> => {
  const rows = await stack.sql(`SELECT event_id FROM inbox WHERE ${EXPIRED}`);
  assert.equal(rows.length, 0, `${rows.length} expired rows are still there`);
};

export const drill: Drill = {
  name: 'purge-behind',
  title: 'A forgotten transaction holds expired rows of the inbox, so that they are not deleted.',
  alert: 'PurgeBehind',
  labels: { table: 'inbox' },
  runbook: 'purge-behind',
  blocks: ['overdue', 'overdue-rows', 'reason', 'old-transactions', 'end-session', 'purge-now', 'overdue-rows'],
  fillIn: async (stack) => ({ PID_TO_END: await lockHolder(stack, TERMINAL), PROCESS: 'worker' }),
  question: 'The purge runs each minute and reports no error. Why are old rows still there?',
  answer:
    'It skips rows that somebody has locked, so that two processes can purge at the same time. The oldest transaction holds locks on the table and does nothing: a forgotten ' +
    'terminal. After its end the next run deletes the rows.',
  log: { process: 'worker', line: /worker has started/ },
  inject: lockExpiredRows,
  recovered: assertPurged,
  undo: async (stack) => {
    await endLock(stack, TERMINAL);
    await stack.sql(`DELETE FROM inbox WHERE ${EXPIRED}`);
  },
};
