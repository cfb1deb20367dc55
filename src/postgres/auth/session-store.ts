import type { SessionStore } from '../../auth/ports.ts';
import { query, type Queryable } from '../query.ts';

// FOR SHARE waits for a change of password or an erasure, which lock this row first, and then compares the hash that they committed
const START = `
  INSERT INTO sessions (id, user_id, token_hash, expires_at)
  SELECT $1, user_id, $3, $4
  FROM credentials
  WHERE user_id = $2 AND password_hash = $5
  FOR SHARE`;

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

const PURGE = `
  DELETE FROM sessions
  WHERE id IN (
    SELECT id
    FROM sessions
    WHERE expires_at <= now()
    ORDER BY expires_at
    LIMIT $1
    FOR UPDATE SKIP LOCKED
  )`;

/** On a pool, each call is a transaction of its own. On the connection of a transaction, it is part of that transaction. */
export const makeSessionStore = (on: Queryable): SessionStore => ({
  async start({ id, userId, verifiedHash, tokenHash, expiresAt }) {
    const values = [id, userId, tokenHash, expiresAt, verifiedHash];
    const { rowCount } = await query(on, { name: 'start-session', text: START, values });
    return rowCount === 1;
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

  async purge(limit) {
    const { rowCount } = await query(on, { name: 'purge-sessions', text: PURGE, values: [limit] });
    return rowCount ?? 0;
  },
});
