import type { PoolClient } from 'pg';

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

const UPDATE = `
  UPDATE users
  SET username = $2, name = $3, email = $4, version = $5, updated_at = $6
  WHERE id = $1`;

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
    try {
      await query(client, { name: 'update-user', text: UPDATE, values });
    } catch (error) {
      throw toUserConflict(error);
    }
  },

  async erase(id) {
    const { rowCount } = await query(client, { name: 'erase-user', text: ERASE, values: [id] });
    return rowCount === 1;
  },
});
