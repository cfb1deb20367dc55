import type pg from 'pg';

import { IdempotencyError } from '../../idempotency/errors.ts';
import type { OrderPlacementStore } from '../../orders/ports.ts';
import { UserError } from '../../users/errors.ts';
import { violatedConstraint } from '../errors.ts';
import { queryWithEvent } from '../outbox/outbox-writer.ts';

// One statement is one round trip and a transaction of its own. The lock waits for an erasure that is under way, and then there is no user.
const INSERT = `
  WITH owner AS (
    SELECT id
    FROM users
    WHERE id = $2 AND erased_at IS NULL
    FOR KEY SHARE
  ), new_order AS (
    INSERT INTO orders (id, user_id, amount_minor, currency, status, placed_at)
    SELECT $1::uuid, id, $3::bigint, $4::text, $5::text, $6::timestamptz
    FROM owner
  ), new_event AS (
    INSERT INTO outbox (event_id, event_type, key, payload, traceparent)
    SELECT $8::uuid, $9::text, $10::uuid, $11::jsonb, $12::text
    FROM owner
  ), new_outcome AS (
    INSERT INTO idempotency_keys (user_id, key_hash, outcome)
    SELECT id, $7::bytea, jsonb_build_object('kind', 'done', 'id', $1::uuid, 'version', 1)
    FROM owner
    WHERE $7::bytea IS NOT NULL
  )
  SELECT id
  FROM owner`;

const noSuchUser = (): UserError => new UserError('USER_NOT_FOUND', 'There is no such user.');

const toPlacementError = (error: unknown): unknown =>
  violatedConstraint(error) === 'idempotency_keys_pkey'
    ? new IdempotencyError('IDEMPOTENCY_KEY_IN_USE', 'Another call with this key was first.', { cause: error })
    : error;

export const makeOrderPlacementStore = (pool: pg.Pool): OrderPlacementStore => ({
  async insert({ order, event, keyHash = null }) {
    const { id, userId, amountMinor, currency, status, placedAt } = order;
    const values = [id, userId, amountMinor, currency, status, placedAt, keyHash];
    const statement = { name: 'place-order', text: INSERT, values };
    const { rowCount } = await queryWithEvent(pool, statement, event).catch((error: unknown) => {
      throw toPlacementError(error);
    });
    if (rowCount !== 1) throw noSuchUser();
  },
});
