import type { Pool } from 'pg';

import { IdempotencyError } from '../../idempotency/errors.ts';
import { takenError } from '../../users/errors.ts';
import type { RegistrationStore } from '../../users/ports.ts';
import { violatedConstraint } from '../errors.ts';
import { queryWithEvent } from '../outbox/outbox-writer.ts';
import { query } from '../query.ts';
import { isUserConflict, toUserConflict } from './user-conflict.ts';

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

// A taken username comes first, whatever index is violated first: with a username that is taken, nobody learns about e-mail addresses.
const IS_TAKEN = `
  SELECT EXISTS (
    SELECT 1
    FROM users
    WHERE lower(username) = lower($1)
  ) AS taken`;

const isTaken = async (pool: Pool, username: string): Promise<boolean> => {
  const statement = { name: 'is-username-taken', text: IS_TAKEN, values: [username] };
  const { rows } = await query<{ taken: boolean }>(pool, statement);
  return rows[0]?.taken === true;
};

const toRegistrationError = async (pool: Pool, username: string, error: unknown): Promise<unknown> => {
  if (violatedConstraint(error) === 'idempotency_keys_pkey')
    return new IdempotencyError('IDEMPOTENCY_KEY_IN_USE', 'Another call with this key was first.', { cause: error });
  if (isUserConflict(error) && (await isTaken(pool, username))) return takenError('USERNAME_TAKEN', { cause: error });
  return toUserConflict(error);
};

export const makeRegistrationStore = (pool: Pool): RegistrationStore => ({
  async insert({ user, passwordHash, event, keyHash = null }) {
    const { id, username, name, email, version, createdAt, updatedAt } = user;
    const values = [id, username, name, email, version, createdAt, updatedAt, passwordHash, keyHash];
    try {
      await queryWithEvent(pool, { name: 'register-user', text: INSERT, values }, event);
    } catch (error) {
      throw await toRegistrationError(pool, username, error);
    }
  },
});
