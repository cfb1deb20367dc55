// After a restore, before traffic: brings the worker's position, the cache and the sessions to the state of the database, and lists what consumers know
// and the database does not. docs/backup.md gives the reason of each step.

import type { Redis } from 'ioredis';
import type { Admin, Kafka } from 'kafkajs';
import type { Pool } from 'pg';

import type { DecodeEvent } from '../../src/messaging/codec.ts';
import { EVENT_TOPICS, TOPICS } from '../../src/messaging/event-topics.ts';
import { ask } from '../backup/ask.ts';
import { removeCachedUsers } from './cached-users.ts';
import { compareEvents, type Difference } from './compare-events.ts';
import { describeRewind, planRewind, rewind, type Rewind } from './group-offsets.ts';
import { readEventsSince } from './read-events-since.ts';
import { countSessions, endSessions, eraseAgain, readRows, undecidedOrders } from './restored-rows.ts';

export type ReconcileOptions = {
  readonly pool: Pool;
  readonly redis: Redis;
  readonly keyPrefix: string;
  readonly kafka: Kafka;
  /** Of the worker. */
  readonly group: string;
  readonly decode: DecodeEvent;
  /** Of the newest commit that was restored. */
  readonly since: Date;
  readonly keepSessions: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly report: (line: string) => void;
};

/** Clocks of clients, brokers and the database differ; reading more again is harmless. */
const MARGIN_MS = 60_000;
const ORDERS = EVENT_TOPICS.OrderPlaced;

const before = (time: Date): Date => new Date(time.getTime() - MARGIN_MS);

const listDifferences = async (options: ReconcileOptions): Promise<Difference[]> => {
  const { pool, kafka, group, since, decode, report } = options;
  const source = { kafka, groupId: `${group}-reconcile`, topics: TOPICS, since: before(since) };
  const { events, unreadable } = await readEventsSince(source, decode);
  const differences = compareEvents(events, await readRows(pool, events));
  report(`${events.length} events were published since ${source.since.toISOString()}`);
  if (unreadable > 0) report(`${unreadable} more can not be read`);
  for (const { kind, id } of differences) report(`  ${kind} ${id}`);
  return differences;
};

/** The state of the orders says how far back, not the time of the restore: the worker may have been behind. */
const planWorker = async ({ pool, group, report }: ReconcileOptions, admin: Admin): Promise<Rewind[]> => {
  const { count, oldest } = await undecidedOrders(pool);
  const plan = oldest === undefined ? [] : await planRewind(admin, group, ORDERS, before(oldest));
  const from = oldest === undefined ? '' : `, the oldest at ${oldest.toISOString()}`;
  report(`${count} orders are undecided and their events were published${from}`);
  for (const one of plan) report(`  group ${group}: ${describeRewind(ORDERS, one)}`);
  return plan;
};

const apply = async (options: ReconcileOptions, admin: Admin, plan: readonly Rewind[], erased: readonly string[]) => {
  const { pool, redis, keyPrefix, group, keepSessions, report } = options;
  await rewind(admin, group, ORDERS, plan); // first: it refuses while the worker runs
  for (const id of erased) await eraseAgain(pool, id);
  report(`${erased.length} users were erased again`);
  if (!keepSessions) await endSessions(pool);
  report(`${await removeCachedUsers(redis, keyPrefix)} cached users were removed`);
  report('done: start the relay, the worker and the api');
};

/** @throws BackupError while the worker runs, and without an agreement */
export const reconcile = async (options: ReconcileOptions): Promise<void> => {
  const { pool, kafka, keepSessions, dryRun, yes, report } = options;
  const differences = await listDifferences(options);
  const erased = differences.filter(({ kind }) => kind === 'erased user').map(({ id }) => id);
  const sessions = keepSessions ? 0 : await countSessions(pool);
  const admin = kafka.admin();
  await admin.connect();
  try {
    const plan = await planWorker(options, admin);
    report(
      `to do: read ${plan.length} partitions again, erase ${erased.length} users again, end ${sessions} sessions, remove the cached users`,
    );
    if (dryRun) return;
    await ask('This changes the database, Redis and the position of the worker.', yes);
    await apply(options, admin, plan, erased);
  } finally {
    await admin.disconnect();
  }
};
