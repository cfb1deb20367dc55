import type { Pool } from 'pg';

import { IdempotencyError } from '../../idempotency/errors.ts';
import type { RegistrationStore } from '../../users/ports.ts';
import { violatedConstraint } from '../errors.ts';
import { toOutboxValues } from '../outbox/outbox-writer.ts';
import { query } from '../query.ts';
import { toUserConflict } from './user-conflict.ts';

// One statement is one round trip and a transaction of its own. PostgreSQL checks foreign keys at its end, so the order does not matter.
const INSERT = `
  WITH new_user AS (
    INSERT INTO users (id, username, name, email, version, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
  ), new_credential AS (
    INSERT INTO credentials (user_id, password_hash, updated_at)
    VALUES ($1, $8, $6)
  ), new_event AS (
    INSERT INTO outbox (event_id, event_type, key, payload, traceparent)
    VALUES ($10, $11, $12, $13, $14)
  )
  INSERT INTO idempotency_keys (user_id, key_hash, outcome)
  SELECT $1, $9::bytea, jsonb_build_object('kind', 'done', 'id', $1::uuid, 'version', $5::integer)
  WHERE $9::bytea IS NOT NULL`;

const toRegistrationError = (error: unknown): unknown =>
  violatedConstraint(error) === 'idempotency_keys_pkey'
    ? new IdempotencyError('IDEMPOTENCY_KEY_IN_USE', 'Another call with this key was first.', { cause: error })
    : toUserConflict(error);

export const makeRegistrationStore = (pool: Pool): RegistrationStore => ({
  async insert({ user, passwordHash, event, keyHash = null }) {
    const { id, username, name, email, version, createdAt, updatedAt } = user;
    const values = [
      id,
      username,
      name,
      email,
      version,
      createdAt,
      updatedAt,
      passwordHash,
      keyHash,
      ...toOutboxValues(event),
    ];
    try {
      await query(pool, { name: 'register-user', text: INSERT, values });
    } catch (error) {
      throw toRegistrationError(error);
    }
  },
});
