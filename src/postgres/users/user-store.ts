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
  WHERE id = $1
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

// also deletes credentials, sessions and stored outcomes: their foreign keys cascade
const ERASE = `
  DELETE FROM users
  WHERE id = $1`;

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
