import type { SessionStore } from '../../auth/ports.ts';
import { query, type Queryable } from '../query.ts';

// FOR SHARE waits for a change of password or an erasure, which lock this row first, and then compares the hash that they committed
const START = `
  INSERT INTO sessions (id, user_id, token_hash, expires_at, family_hashes)
  SELECT $1, user_id, $3, $4, ARRAY[$6::bytea]
  FROM credentials
  WHERE user_id = $2 AND password_hash = $5
  FOR SHARE`;

// Comparison and change are one statement: of two callers with the same token, one succeeds. A token that the previous release issued adds
// its own family.
const ROTATE = `
  UPDATE sessions
  SET
    token_hash = $3,
    expires_at = least($4, created_at + make_interval(secs => $6)),
    family_hashes = CASE WHEN $5 = ANY (family_hashes) THEN family_hashes ELSE family_hashes || $5::bytea END
  WHERE id = $1 AND token_hash = $2 AND expires_at > now() AND created_at + make_interval(secs => $6) > now()
  RETURNING user_id, expires_at`;

const END = `
  DELETE FROM sessions
  WHERE id = $1 AND expires_at > now()
  RETURNING user_id`;

// no family is known of a session that only the previous release has used: there any other token ends it, as it did in that release
const END_FAMILY = `
  DELETE FROM sessions
  WHERE id = $1 AND expires_at > now() AND (family_hashes = '{}' OR $2 = ANY (family_hashes))
  RETURNING user_id`;

const END_ALL = `
  DELETE FROM sessions
  WHERE user_id = $1 AND id IS DISTINCT FROM $2
  RETURNING id`;

type RotatedRow = { readonly user_id: string; readonly expires_at: Date };

/** On a pool, each call is a transaction of its own. On the connection of a transaction, it is part of that transaction. */
export const makeSessionStore = (on: Queryable): SessionStore => ({
  async start({ id, userId, verifiedHash, tokenHash, familyHash, expiresAt }) {
    const values = [id, userId, tokenHash, expiresAt, verifiedHash, familyHash];
    const { rowCount } = await query(on, { name: 'start-session', text: START, values });
    return rowCount === 1;
  },

  async rotate({ sessionId, from, to, familyHash, expiresAt, maxLifetimeSeconds }) {
    const values = [sessionId, from, to, expiresAt, familyHash, maxLifetimeSeconds];
    const { rows } = await query<RotatedRow>(on, { name: 'rotate-session', text: ROTATE, values });
    return rows[0] && { userId: rows[0].user_id, expiresAt: rows[0].expires_at };
  },

  async end(sessionId) {
    const { rows } = await query<{ user_id: string }>(on, { name: 'end-session', text: END, values: [sessionId] });
    return rows[0]?.user_id;
  },

  async endFamily(sessionId, familyHash) {
    const statement = { name: 'end-session-family', text: END_FAMILY, values: [sessionId, familyHash] };
    const { rows } = await query<{ user_id: string }>(on, statement);
    return rows[0]?.user_id;
  },

  async endAll(userId, except) {
    const statement = { name: 'end-sessions', text: END_ALL, values: [userId, except ?? null] };
    const { rows } = await query<{ id: string }>(on, statement);
    return rows.map(({ id }) => id);
  },
});
