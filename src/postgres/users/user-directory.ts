// Keyset pages: the last row of a page is where the next one begins, so page 100,000 costs what page 1 costs.
// A position holds milliseconds; migration 0004 sees to it that no row is younger by microseconds.

import type { Pool } from 'pg';

import type { UserDirectory } from '../../users/ports.ts';
import { query, type Statement } from '../query.ts';
import { toUser, type UserRow } from './user-row.ts';

const FIRST_PAGE = `
  SELECT id, username, name, email, version, created_at, updated_at
  FROM users
  WHERE erased_at IS NULL
  ORDER BY created_at DESC, id DESC
  LIMIT $1`;

const NEXT_PAGE = `
  SELECT id, username, name, email, version, created_at, updated_at
  FROM users
  WHERE (created_at, id) < ($2, $3) AND erased_at IS NULL
  ORDER BY created_at DESC, id DESC
  LIMIT $1`;

export const makeUserDirectory = (pool: Pool): UserDirectory => ({
  async list({ limit, after }) {
    const page: Statement =
      after === undefined
        ? { name: 'list-users-first', text: FIRST_PAGE, values: [limit] }
        : { name: 'list-users-after', text: NEXT_PAGE, values: [limit, after.at, after.id] };
    const { rows } = await query<UserRow>(pool, page);
    return rows.map(toUser);
  },
});
