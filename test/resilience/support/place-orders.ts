// Placed orders as rows and messages, for runs that test only the worker.

import { randomUUID } from 'node:crypto';

import type { Surroundings } from './surroundings.ts';
import { textMessage } from '../../support/text-message.ts';

const INSERT = `
  WITH new_user AS (
    INSERT INTO users (id, username, name, email) VALUES ($1::uuid, $1::text, 'Ann', $1::text || '@example.com') RETURNING id
  )
  INSERT INTO orders (id, user_id, amount_minor, currency, status, placed_at)
  SELECT order_id, new_user.id, 1999, 'EUR', 'placed', now() FROM new_user, unnest($2::uuid[]) AS order_id`;

export type PlacedOrder = { readonly eventId: string; readonly orderId: string; readonly userId: string };

export const placeOrders = async ({ pool }: Pick<Surroundings, 'pool'>, count: number): Promise<PlacedOrder[]> => {
  const userId = randomUUID();
  const orders = Array.from({ length: count }, () => ({ eventId: randomUUID(), orderId: randomUUID(), userId }));
  await pool.query(INSERT, [userId, orders.map(({ orderId }) => orderId)]);
  return orders;
};

/** The message of an order, as the relay publishes it. */
export const messageOf = async ({ codec }: Pick<Surroundings, 'codec'>, order: PlacedOrder, amountMinor = 1999) => {
  const payload = { ...order, occurredAt: Date.now(), amountMinor, currency: 'EUR' };
  return textMessage({
    key: order.orderId,
    value: await codec.encode('OrderPlaced', payload),
    headers: {
      'event-id': order.eventId,
      'event-type': 'OrderPlaced',
      traceparent: `00-${order.eventId.replaceAll('-', '')}-00000000000000aa-01`,
    },
  });
};

export const countByStatus = async ({ pool }: Pick<Surroundings, 'pool'>): Promise<Record<string, number>> => {
  const { rows } = await pool.query<{ status: string; count: number }>(
    'SELECT status, count(*)::integer AS count FROM orders GROUP BY status',
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
};
