// Every read names the user: a statement that could return somebody else's order does not exist.

import type { Pool } from 'pg';

import type { OrderReader } from '../../orders/ports.ts';
import { toOrder, type OrderRow } from './order-row.ts';
import { query, type Statement } from '../query.ts';

// the orders of an erased user go in pieces, and none of them is read meanwhile
const USER_EXISTS = 'EXISTS (SELECT FROM users WHERE id = $1 AND erased_at IS NULL)';

const FIND = `
  SELECT id, user_id, amount_minor, currency, status, placed_at, decided_at, rejection_reason
  FROM orders
  WHERE id = $2 AND user_id = $1 AND ${USER_EXISTS}`;

const FIRST_PAGE = `
  SELECT id, user_id, amount_minor, currency, status, placed_at, decided_at, rejection_reason
  FROM orders
  WHERE user_id = $1 AND ${USER_EXISTS}
  ORDER BY placed_at DESC, id DESC
  LIMIT $2`;

const NEXT_PAGE = `
  SELECT id, user_id, amount_minor, currency, status, placed_at, decided_at, rejection_reason
  FROM orders
  WHERE user_id = $1 AND (placed_at, id) < ($3, $4) AND ${USER_EXISTS}
  ORDER BY placed_at DESC, id DESC
  LIMIT $2`;

export const makeOrderReader = (pool: Pool): OrderReader => ({
  async find(userId, id) {
    const { rows } = await query<OrderRow>(pool, { name: 'find-order', text: FIND, values: [userId, id] });
    return rows[0] && toOrder(rows[0]);
  },

  async list(userId, { limit, after }) {
    const page: Statement =
      after === undefined
        ? { name: 'list-orders-first', text: FIRST_PAGE, values: [userId, limit] }
        : { name: 'list-orders-after', text: NEXT_PAGE, values: [userId, limit, after.at, after.id] };
    const { rows } = await query<OrderRow>(pool, page);
    return rows.map(toOrder);
  },
});
