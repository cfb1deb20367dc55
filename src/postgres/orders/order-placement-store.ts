import pg from 'pg';

import { IdempotencyError } from '../../idempotency/errors.ts';
import type { OrderPlacementStore } from '../../orders/ports.ts';
import { UserError } from '../../users/errors.ts';
import { violatedConstraint } from '../errors.ts';
import { toOutboxValues } from '../outbox/outbox-writer.ts';
import { query } from '../query.ts';

// One statement is one round trip and a transaction of its own.
const INSERT = `
  WITH new_order AS (
    INSERT INTO orders (id, user_id, amount_minor, currency, status, placed_at)
    VALUES ($1, $2, $3, $4, $5, $6)
  ), new_event AS (
    INSERT INTO outbox (event_id, event_type, key, payload, traceparent)
    VALUES ($8, $9, $10, $11, $12)
  )
  INSERT INTO idempotency_keys (user_id, key_hash, outcome)
  SELECT $2, $7::bytea, jsonb_build_object('kind', 'done', 'id', $1::uuid, 'version', 1)
  WHERE $7::bytea IS NOT NULL`;

/** 23503, foreign key violation: the user is the only row that the statement references. */
const lacksUser = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '23503';

const toPlacementError = (error: unknown): unknown => {
  if (violatedConstraint(error) === 'idempotency_keys_pkey')
    return new IdempotencyError('IDEMPOTENCY_KEY_IN_USE', 'Another call with this key was first.', { cause: error });
  return lacksUser(error) ? new UserError('USER_NOT_FOUND', 'There is no such user.', { cause: error }) : error;
};

export const makeOrderPlacementStore = (pool: pg.Pool): OrderPlacementStore => ({
  async insert({ order, event, keyHash = null }) {
    const { id, userId, amountMinor, currency, status, placedAt } = order;
    const values = [id, userId, amountMinor, currency, status, placedAt, keyHash, ...toOutboxValues(event)];
    try {
      await query(pool, { name: 'place-order', text: INSERT, values });
    } catch (error) {
      throw toPlacementError(error);
    }
  },
});
