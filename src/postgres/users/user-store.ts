import type { PoolClient } from 'pg';

import { takenError } from '../../users/errors.ts';
import type { UserStore } from '../../users/ports.ts';
import { query } from '../query.ts';
import { toUserConflict } from './user-conflict.ts';
import { toUser, type UserRow } from './user-row.ts';

// NO KEY UPDATE blocks other changes of this user, but not a new session that references it
const FIND_FOR_UPDATE = `
  SELECT id, username, name, email, version, created_at, updated_at
  FROM users
  WHERE id = $1 AND erased_at IS NULL
  FOR NO KEY UPDATE`;

// A taken username comes first, whatever index is violated first: with a username that is taken, nobody learns about e-mail addresses.
const UPDATE = `
  UPDATE users
  SET username = $2, name = $3, email = $4, version = $5, updated_at = $6
  WHERE id = $1 AND NOT EXISTS (
    SELECT 1
    FROM users other
    WHERE lower(other.username) = lower($2) AND other.id <> $1
  )`;

// The row stays until the orders are deleted, see erasure-store.ts; no value of it is personal any more, and none blocks a registration.
// Stored outcomes are deleted here for all but the most active users.
const ERASE = `
  WITH erased AS (
    UPDATE users
    SET username = 'erased:' || id, email = 'erased:' || id, name = '', version = version + 1, updated_at = now(), erased_at = now()
    WHERE id = $1 AND erased_at IS NULL
    RETURNING id
  ), erased_credential AS (
    DELETE FROM credentials
    WHERE user_id = $1
  ), erased_sessions AS (
    DELETE FROM sessions
    WHERE user_id = $1
  ), erased_outcomes AS (
    DELETE FROM idempotency_keys
    WHERE key_hash IN (SELECT key_hash FROM idempotency_keys WHERE user_id = $1 LIMIT 10000)
  )
  SELECT id
  FROM erased`;

export const makeUserStore = (client: PoolClient): UserStore => ({
  async findForUpdate(id) {
    const { rows } = await query<UserRow>(client, { name: 'lock-user', text: FIND_FOR_UPDATE, values: [id] });
    return rows[0] && toUser(rows[0]);
  },

  async update({ id, username, name, email, version, updatedAt }) {
    const values = [id, username, name, email, version, updatedAt];
    const { rowCount } = await query(client, { name: 'update-user', text: UPDATE, values }).catch((error: unknown) => {
      throw toUserConflict(error);
    });
    if (rowCount === 0) throw takenError('USERNAME_TAKEN');
  },

  async erase(id) {
    const { rowCount } = await query(client, { name: 'erase-user', text: ERASE, values: [id] });
    return rowCount === 1;
  },
});
