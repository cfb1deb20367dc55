// Orders without an api process: as rows with their events in the outbox, as one of its transactions writes them.

import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { expect } from 'vitest';
import { eventually } from '../../../support/eventually.ts';

const PLACE = `
  WITH new_user AS (
    INSERT INTO users (id, username, name, email) VALUES ($1::uuid, $1::text, 'Ann', $1::text || '@example.com') RETURNING id
  ), placed AS (
    INSERT INTO orders (id, user_id, amount_minor, currency, status, placed_at)
    SELECT order_id, new_user.id, 1999, 'EUR', 'placed', now() FROM new_user, unnest($2::uuid[]) AS order_id
  )
  INSERT INTO outbox (event_id, event_type, key, payload)
  SELECT event_id, 'OrderPlaced', order_id, jsonb_build_object('eventId', event_id, 'occurredAt', $4::bigint,
    'orderId', order_id, 'userId', $1::text, 'amountMinor', 1999, 'currency', 'EUR')
  FROM unnest($2::uuid[], $3::uuid[]) AS event (order_id, event_id)`;

const ids = (count: number): string[] => Array.from({ length: count }, () => randomUUID());

/** Places orders whose keys are in all partitions. */
export const placeOrders = async (pool: Pool, count = 30): Promise<void> => {
  await pool.query(PLACE, [randomUUID(), ids(count), ids(count), Date.now()]);
};

const count = async (pool: Pool, rows: string): Promise<number> => {
  const { rows: counted } = await pool.query<{ count: number }>(`SELECT count(*)::integer AS count FROM ${rows}`);
  return counted[0]?.count ?? -1;
};

/** Resolves when every order is decided. */
export const allDecided = (pool: Pool, deadlineMs: number): Promise<void> =>
  eventually(
    async () => {
      expect(await count(pool, "orders WHERE status = 'placed'"), 'undecided orders').toBe(0);
    },
    { deadlineMs },
  );

/** Resolves when every event is in Kafka. */
export const allPublished = (pool: Pool, deadlineMs: number): Promise<void> =>
  eventually(
    async () => {
      expect(await count(pool, 'outbox'), 'unpublished events').toBe(0);
    },
    { deadlineMs },
  );
