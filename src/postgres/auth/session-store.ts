import type { SessionStore } from '../../auth/ports.ts';
import { query, type Queryable } from '../query.ts';

const CREATE = `
  INSERT INTO sessions (id, user_id, token_hash, expires_at)
  VALUES ($1, $2, $3, $4)`;

// comparison and change are one statement: of two callers with the same token, one succeeds
const ROTATE = `
  UPDATE sessions
  SET token_hash = $3, expires_at = $4
  WHERE id = $1 AND token_hash = $2 AND expires_at > now()
  RETURNING user_id`;

const END = `
  DELETE FROM sessions
  WHERE id = $1 AND expires_at > now()
  RETURNING user_id`;

const END_ALL = `
  DELETE FROM sessions
  WHERE user_id = $1 AND id IS DISTINCT FROM $2
  RETURNING id`;

/** On a pool, each call is a transaction of its own. On the connection of a transaction, it is part of that transaction. */
export const makeSessionStore = (on: Queryable): SessionStore => ({
  async create({ id, userId, tokenHash, expiresAt }) {
    await query(on, { name: 'create-session', text: CREATE, values: [id, userId, tokenHash, expiresAt] });
  },

  async rotate({ sessionId, from, to, expiresAt }) {
    const statement = { name: 'rotate-session', text: ROTATE, values: [sessionId, from, to, expiresAt] };
    const { rows } = await query<{ user_id: string }>(on, statement);
    return rows[0]?.user_id;
  },

  async end(sessionId) {
    const { rows } = await query<{ user_id: string }>(on, { name: 'end-session', text: END, values: [sessionId] });
    return rows[0]?.user_id;
  },

  async endAll(userId, except) {
    const statement = { name: 'end-sessions', text: END_ALL, values: [userId, except ?? null] };
    const { rows } = await query<{ id: string }>(on, statement);
    return rows.map(({ id }) => id);
  },
});
