import type { Pool } from 'pg';

import type { Credential, CredentialReader } from '../../auth/ports.ts';
import { query, type Statement } from '../query.ts';

export type CredentialRow = { readonly user_id: string; readonly password_hash: string };

export const toCredential = (row: CredentialRow): Credential => ({
  userId: row.user_id,
  passwordHash: row.password_hash,
});

const FIND_BY_USERNAME = `
  SELECT credentials.user_id, credentials.password_hash
  FROM users
  JOIN credentials ON credentials.user_id = users.id
  WHERE lower(users.username) = lower($1)`;

const FIND_BY_EMAIL = `
  SELECT credentials.user_id, credentials.password_hash
  FROM users
  JOIN credentials ON credentials.user_id = users.id
  WHERE lower(users.email) = lower($1)`;

const FIND_BY_USER_ID = `
  SELECT user_id, password_hash
  FROM credentials
  WHERE user_id = $1`;

const FIND_BY_SESSION = `
  SELECT credentials.user_id, credentials.password_hash, sessions.expires_at
  FROM sessions
  JOIN credentials ON credentials.user_id = sessions.user_id
  WHERE sessions.id = $1 AND sessions.expires_at > now()`;

const FIND_WITH_OWNER = `
  SELECT credentials.user_id, credentials.password_hash, users.username, users.name, users.email
  FROM users
  JOIN credentials ON credentials.user_id = users.id
  WHERE users.id = $1`;

type OwnerRow = CredentialRow & { readonly username: string; readonly name: string; readonly email: string };

/** A username holds no @ and an e-mail address does, so each login selects one column and finds at most one row. */
const byLogin = (login: string): Statement =>
  login.includes('@')
    ? { name: 'find-credential-by-email', text: FIND_BY_EMAIL, values: [login] }
    : { name: 'find-credential-by-username', text: FIND_BY_USERNAME, values: [login] };

export const makeCredentialReader = (pool: Pool): CredentialReader => ({
  async findByLogin(login) {
    const { rows } = await query<CredentialRow>(pool, byLogin(login));
    return rows[0] && toCredential(rows[0]);
  },

  async findByUserId(userId) {
    const statement = { name: 'find-credential-by-user-id', text: FIND_BY_USER_ID, values: [userId] };
    const { rows } = await query<CredentialRow>(pool, statement);
    return rows[0] && toCredential(rows[0]);
  },

  async findBySession(sessionId) {
    const statement = { name: 'find-credential-by-session', text: FIND_BY_SESSION, values: [sessionId] };
    const { rows } = await query<CredentialRow & { readonly expires_at: Date }>(pool, statement);
    return rows[0] && { ...toCredential(rows[0]), expiresAt: rows[0].expires_at };
  },

  async findWithOwner(userId) {
    const statement = { name: 'find-credential-with-owner', text: FIND_WITH_OWNER, values: [userId] };
    const { rows } = await query<OwnerRow>(pool, statement);
    if (rows[0] === undefined) return undefined;
    const { username, name, email } = rows[0];
    return { credential: toCredential(rows[0]), owner: { username, name, email } };
  },
});
