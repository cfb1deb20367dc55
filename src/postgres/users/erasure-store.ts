// What is left of users whose erasure has begun: their orders first, then stored outcomes, the row itself last.

import type { Pool } from 'pg';

import type { ErasureStore } from '../../users/ports.ts';
import { query } from '../query.ts';

const UNFINISHED = `
  SELECT id
  FROM users
  WHERE erased_at IS NOT NULL
  ORDER BY erased_at
  LIMIT $1`;

// From where the last piece ended: the dead rows before it would have to be skipped each time. SKIP LOCKED: processes share the work.
// By ctid, whatever the statistics of the table say: rows of the piece are locked, so theirs do not change.
const REMOVE_ORDERS = `
  WITH piece AS (
    SELECT ctid, id, placed_at
    FROM orders
    WHERE user_id = $1 AND (placed_at, id) < ($2, $3)
    ORDER BY placed_at DESC, id DESC
    LIMIT $4
    FOR UPDATE SKIP LOCKED
  ), removed AS (
    DELETE FROM orders
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM piece))
  )
  SELECT placed_at, id
  FROM piece
  ORDER BY placed_at, id
  LIMIT 1`;

const REMOVE_OUTCOMES = `
  DELETE FROM idempotency_keys
  WHERE key_hash IN (SELECT key_hash FROM idempotency_keys WHERE user_id = $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`;

// an order that was locked a moment ago keeps the row, and the next call finds it
const REMOVE_USER = `
  DELETE FROM users
  WHERE id = $1 AND erased_at IS NOT NULL
    AND NOT EXISTS (SELECT FROM orders WHERE user_id = $1)
    AND NOT EXISTS (SELECT FROM idempotency_keys WHERE user_id = $1)`;

type Place = { readonly placed_at: Date | 'infinity'; readonly id: string };
const FIRST: Place = { placed_at: 'infinity', id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };

/** @param options rowsPerPiece: one statement deletes at most as many rows, which takes tens of milliseconds */
export const makeErasureStore = (pool: Pool, { rowsPerPiece = 1000 } = {}): ErasureStore => {
  const removeOrders = async (userId: string, { placed_at: placedAt, id }: Place): Promise<Place | undefined> => {
    const values = [userId, placedAt, id, rowsPerPiece];
    const { rows } = await query<Place>(pool, { name: 'erase-orders', text: REMOVE_ORDERS, values });
    return rows[0];
  };
  const removeOutcomes = async (userId: string): Promise<boolean> => {
    const statement = { name: 'erase-outcomes', text: REMOVE_OUTCOMES, values: [userId, rowsPerPiece] };
    return (await query(pool, statement)).rowCount === rowsPerPiece;
  };

  return {
    async unfinished(limit) {
      const statement = { name: 'find-unfinished-erasures', text: UNFINISHED, values: [limit] };
      const { rows } = await query<{ id: string }>(pool, statement);
      return rows.map(({ id }) => id);
    },

    async *removeRest(userId) {
      for (let place: Place | undefined = FIRST; place !== undefined; place = await removeOrders(userId, place)) yield;
      while (await removeOutcomes(userId)) yield;
      await query(pool, { name: 'erase-user-row', text: REMOVE_USER, values: [userId] });
    },
  };
};
