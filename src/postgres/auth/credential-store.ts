import type { PoolClient } from 'pg';

import type { CredentialStore } from '../../auth/ports.ts';
import { toCredential, type CredentialRow } from './credential-reader.ts';
import { query } from '../query.ts';

const FIND_FOR_UPDATE = `
  SELECT user_id, password_hash
  FROM credentials
  WHERE user_id = $1
  FOR UPDATE`;

const REPLACE = `
  UPDATE credentials
  SET password_hash = $2, updated_at = now()
  WHERE user_id = $1`;

export const makeCredentialStore = (client: PoolClient): CredentialStore => ({
  async findForUpdate(userId) {
    const statement = { name: 'lock-credential', text: FIND_FOR_UPDATE, values: [userId] };
    const { rows } = await query<CredentialRow>(client, statement);
    return rows[0] && toCredential(rows[0]);
  },

  async replace({ userId, passwordHash }) {
    await query(client, { name: 'replace-credential', text: REPLACE, values: [userId, passwordHash] });
  },
});
