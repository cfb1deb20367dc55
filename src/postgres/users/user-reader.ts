import type { Pool } from 'pg';

import { toUserRepresentation } from '../../users/user-representation.ts';
import type { UserReader } from '../../users/reader.ts';
import { query } from '../query.ts';
import { toUser, type UserRow } from './user-row.ts';

const FIND = `
  SELECT id, username, name, email, version, created_at, updated_at
  FROM users
  WHERE id = $1 AND erased_at IS NULL`;

export const makeUserReader = (pool: Pool): UserReader => ({
  async findRepresentation(id) {
    const { rows } = await query<UserRow>(pool, { name: 'find-user', text: FIND, values: [id] });
    return rows[0] && toUserRepresentation(toUser(rows[0]));
  },
});
