import { strict as assert } from 'node:assert';
import { dirname, join } from 'node:path';

import { eventually } from '../../../../test/support/eventually.ts';
import type { Drill } from '../../drill.ts';
import { findBlocks, openTerminal } from '../../runbook.ts';
import { findInstalledPostgres } from '../../stacks/native/postgres/archive.ts';
import type { Stack } from '../../stacks/stack.ts';
import { assertDecided } from '../events/assertions.ts';

const RUNBOOK = 'restore-from-backup';
const NO_ARCHIVE = 'its PostgreSQL has no archive of the WAL';
const SECOND_MS = 1000;

/** The server is a new one since the restore. */
const OLDER_THAN_SERVER = `
  SELECT (SELECT count(*) FROM users WHERE created_at < pg_postmaster_start_time())::integer AS users,
    (SELECT count(*) FROM orders WHERE placed_at < pg_postmaster_start_time())::integer AS orders`;

const NEWEST_ORDER = `
  SELECT max(placed_at) AS at FROM orders
  WHERE placed_at < `;

/** As every day. */
const takeBackup = async ({ variables, folder, target }: Stack): Promise<void> => {
  const terminal = openTerminal(variables, folder);
  const [block] = findBlocks(RUNBOOK, ['backup'], target);
  try {
    if (block !== undefined) await terminal.run(block, AbortSignal.timeout(60_000));
  } finally {
    terminal.close();
  }
};

/** The backup is older than the time to which the drill restores. */
const prepare = async (stack: Stack): Promise<void> => {
  await takeBackup(stack);
  const [{ later } = {}] = await stack.sql("SELECT now() + interval '2 seconds' AS later");
  const since = (later as Date).toISOString();
  await eventually(
    async () => {
      const found = await stack.sql(`SELECT FROM orders WHERE placed_at > '${since}' LIMIT 1`);
      assert.equal(found.length, 1, 'no order is placed');
    },
    { deadlineMs: 10_000, everyMs: 250 },
  );
};

/** The last order that the api has accepted, and a second less: the log has the time of the response, and what was dropped is gone before that commits. */
const lastGoodTime = async (stack: Stack): Promise<string> => {
  const accepted = (await stack.output('api')).split('\n').findLast((line) => line.includes('"status":202'));
  const { timestamp } = JSON.parse(accepted ?? '{}') as { timestamp?: string };
  assert(timestamp !== undefined, 'the log of the api has no accepted order');
  return new Date(Date.parse(timestamp) - SECOND_MS).toISOString();
};

export const drill: Drill = {
  name: RUNBOOK,
  title: 'Somebody drops the database of the service: all users and orders are gone.',
  alert: 'DependencyDown',
  labels: { dependency: 'postgres' },
  runbook: RUNBOOK,
  blocks: [
    ...['state', 'newest', 'stop', 'fence', 'newest', 'restore', 'replace', 'settings', 'look', 'reconcile'],
    ...['start', 'state', 'backup'],
  ],
  notOn: { compose: NO_ARCHIVE, kubectl: NO_ARCHIVE },
  lacks: () => {
    const { reason } = findInstalledPostgres();
    return Promise.resolve(reason === undefined ? undefined : `needs an installed PostgreSQL: ${reason}`);
  },
  fillIn: async (stack) => ({
    RESTORE_TO: await lastGoodTime(stack),
    TARGET: join(dirname(stack.variables.BACKUPS ?? ''), 'restored'),
  }),
  question:
    'PostgreSQL answers, and its database does not exist. To which time do you restore, and what do you do before the worker starts?',
  answer:
    'To a second before the last order that was accepted: the log of the api has its time. Before the worker starts, reconcile: the topics have events of ' +
    'decisions that the restored database does not have, and the group of the worker is past them.',
  log: { process: 'api', line: /"dependency":"postgres".*dependency is down/ },
  prepare,
  inject: async (stack) => {
    await stack.sql('DROP DATABASE user_service WITH (FORCE)', 'postgres');
  },
  recovered: async (stack) => {
    const [old] = await stack.sql(OLDER_THAN_SERVER);
    assert(Number(old?.users) > 0 && Number(old?.orders) > 0, 'users and orders from before the fault are missing');
    await assertDecided(stack);
  },
  measure: async (stack, faultAt) => {
    const [{ at } = {}] = await stack.sql(`${NEWEST_ORDER} '${new Date(faultAt).toISOString()}'`);
    const lost = (faultAt - (at as Date).getTime()) / SECOND_MS;
    return `the newest order from before the fault was placed ${lost.toFixed(1)} s before it: what came later is lost (RPO)`;
  },
  undo: () => Promise.resolve(), // the next drill gets a new stack
};
