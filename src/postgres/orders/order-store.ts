import type { Pool, PoolClient } from 'pg';

import type { FindOrder, OrderStore } from '../../orders/ports.ts';
import { toOrder, type OrderRow } from './order-row.ts';
import { query } from '../query.ts';

const FIND = `
  SELECT id, user_id, amount_minor, currency, status, placed_at, decided_at, rejection_reason
  FROM orders
  WHERE id = $1`;

const FIND_FOR_UPDATE = `
  SELECT id, user_id, amount_minor, currency, status, placed_at, decided_at, rejection_reason
  FROM orders
  WHERE id = $1 AND EXISTS (SELECT FROM users WHERE users.id = orders.user_id AND erased_at IS NULL)
  FOR NO KEY UPDATE OF orders`;

const DECIDE = `
  UPDATE orders
  SET status = $2, decided_at = $3, rejection_reason = $4
  WHERE id = $1`;

/** For the worker, which serves no user: routes read with order-reader.ts, where every statement names the user. */
export const makeFindOrder =
  (pool: Pool): FindOrder =>
  async (id) => {
    const { rows } = await query<OrderRow>(pool, { name: 'find-any-order', text: FIND, values: [id] });
    return rows[0] && toOrder(rows[0]);
  };

export const makeOrderStore = (client: PoolClient): OrderStore => ({
  async findForUpdate(id) {
    const { rows } = await query<OrderRow>(client, { name: 'lock-order', text: FIND_FOR_UPDATE, values: [id] });
    return rows[0] && toOrder(rows[0]);
  },

  async decide({ id, status, decidedAt, rejectionReason }) {
    const values = [id, status, decidedAt ?? null, rejectionReason ?? null];
    await query(client, { name: 'decide-order', text: DECIDE, values });
  },
});
