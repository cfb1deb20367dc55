// Compares the restored database with what clients were told and what is in Kafka.

import { DATABASE } from './service.ts';
import type { ArchivingServer } from './archiving-server.ts';
import type { Acknowledged } from './write-load.ts';
import type { SeenEvent } from '../../resilience/support/read-events.ts';

type Row = { readonly id: string; readonly status: string };

export type Rows = { readonly users: ReadonlySet<string>; readonly orders: ReadonlyMap<string, string> };

/** Of the clients, not those that were there before. */
export const readRows = async (server: ArchivingServer): Promise<Rows> => {
  const users = await server.sql<Row>(
    "SELECT id FROM users WHERE erased_at IS NULL AND username LIKE 'u%' AND username NOT LIKE 'user-%'",
    DATABASE,
  );
  const orders = await server.sql<Row>(
    "SELECT id, status FROM orders WHERE placed_at > now() - interval '12 hours'",
    DATABASE,
  );
  return { users: new Set(users.map(({ id }) => id)), orders: new Map(orders.map(({ id, status }) => [id, status])) };
};

const survived = ({ kind, id }: Acknowledged, { users, orders }: Rows): boolean =>
  kind === 'user' ? users.has(id) : orders.has(id);

/** Acknowledgements of parallel clients may be this much out of the order of their commits. */
const DISORDER_MS = 1000;

export const judgeLoss = (acknowledged: readonly Acknowledged[], rows: Rows) => {
  const kept = acknowledged.filter((write) => survived(write, rows));
  const lost = acknowledged.filter((write) => !survived(write, rows));
  const lastKept = Math.max(...kept.map(({ at }) => at));
  const last = Math.max(...acknowledged.map(({ at }) => at));
  return {
    lost: lost.length,
    lostIds: new Set(lost.map(({ id }) => id)),
    /** Not the last ones: a hole in the middle. */
    holes: lost.filter(({ at }) => at < lastKept - DISORDER_MS),
    rpoSeconds: (last - lastKept) / 1000,
  };
};

const keysOf = (events: readonly SeenEvent[], types: readonly string[]): Set<string> =>
  new Set(events.filter(({ type }) => types.includes(type)).map(({ key }) => key));

export const judgeEvents = (events: readonly SeenEvent[], { users, orders }: Rows) => {
  const registered = keysOf(events, ['UserRegistered']);
  const placed = keysOf(events, ['OrderPlaced']);
  const decided = keysOf(events, ['OrderConfirmed', 'OrderRejected']);
  return {
    usersWithoutEvent: [...users].filter((id) => !registered.has(id)).length,
    ordersWithoutEvent: [...orders.keys()].filter((id) => !placed.has(id)).length,
    undecided: [...orders.values()].filter((status) => status === 'placed').length,
    decidedWithoutEvent: [...orders.keys()].filter((id) => !decided.has(id)).length,
  };
};

/** Allowed: published before the loss and again after the restore. */
export const countTwice = (events: readonly SeenEvent[]): number =>
  events.length - new Set(events.map(({ id }) => id)).size;
