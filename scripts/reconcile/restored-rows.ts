// What the restored database has, and what has to change in it before traffic.

import type { Pool } from 'pg';

import { makeTransact } from '../../src/postgres/transact.ts';
import { userErased } from '../../src/users/events.ts';
import type { PublishedEvent } from './read-events-since.ts';
import type { Rows } from './compare-events.ts';

const USERS = 'SELECT id, version, erased_at IS NOT NULL AS erased FROM users WHERE id = ANY ($1::uuid[])';
const ORDERS = 'SELECT id, status FROM orders WHERE id = ANY ($1::uuid[])';

// an order whose event is in the outbox is published by the relay, and needs nothing
const UNDECIDED = `
  SELECT count(*)::integer AS orders, min(placed_at) AS oldest
  FROM orders
  WHERE status = 'placed' AND NOT EXISTS (SELECT FROM outbox WHERE key = orders.id)`;
const SESSIONS = 'SELECT count(*)::integer AS sessions FROM sessions';
const END_SESSIONS = 'DELETE FROM sessions';

/** Of the aggregates in the events. */
export const readRows = async (pool: Pool, events: readonly PublishedEvent[]): Promise<Rows> => {
  const keys = (isOrder: boolean): string[] => [
    ...new Set(events.filter(({ type }) => type.startsWith('Order') === isOrder).map(({ key }) => key)),
  ];
  const owners = events.flatMap(({ payload: { userId } }) => (typeof userId === 'string' ? [userId] : []));
  const [users, orders] = await Promise.all([
    pool.query<{ id: string; version: number; erased: boolean }>(USERS, [[...new Set([...keys(false), ...owners])]]),
    pool.query<{ id: string; status: string }>(ORDERS, [keys(true)]),
  ]);
  return {
    users: new Map(users.rows.map(({ id, version, erased }) => [id, { version, isErased: erased }])),
    orders: new Map(orders.rows.map(({ id, status }) => [id, status])),
  };
};

/** Orders that wait for a decision whose event was published already. */
export const undecidedOrders = async (pool: Pool): Promise<{ count: number; oldest: Date | undefined }> => {
  const { rows } = await pool.query<{ orders: number; oldest: Date | null }>(UNDECIDED);
  return { count: rows[0]?.orders ?? 0, oldest: rows[0]?.oldest ?? undefined };
};

export const countSessions = async (pool: Pool): Promise<number> =>
  (await pool.query<{ sessions: number }>(SESSIONS)).rows[0]?.sessions ?? 0;

export const endSessions = async (pool: Pool): Promise<void> => {
  await pool.query(END_SESSIONS);
};

/** As an erasure by its user, with a new event. The api deletes the orders afterwards, as after any erasure. */
export const eraseAgain = async (pool: Pool, userId: string): Promise<void> => {
  await makeTransact(pool)(async ({ credentials, sessions, users, outbox }) => {
    await credentials.findForUpdate(userId);
    await sessions.endAll(userId);
    if (await users.erase(userId)) await outbox.add(userErased(userId, new Date()));
  });
};
