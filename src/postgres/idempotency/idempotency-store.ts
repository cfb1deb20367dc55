import type { Pool } from 'pg';

import type { IdempotencyStore, Outcome } from '../../idempotency/ports.ts';
import { query } from '../query.ts';

type OutcomeRow = { readonly fingerprint: Buffer; readonly outcome: Outcome };

const FIND = `
  SELECT fingerprint, outcome
  FROM idempotency_keys
  WHERE key_hash = $1`;

const KEEP = `
  INSERT INTO idempotency_keys (key_hash, fingerprint, outcome)
  VALUES ($1, $2, $3)
  ON CONFLICT (key_hash) DO NOTHING`;

// SKIP LOCKED: two processes that purge at once share the work instead of waiting for each other
const PURGE = `
  DELETE FROM idempotency_keys
  WHERE key_hash IN (
    SELECT key_hash
    FROM idempotency_keys
    WHERE created_at < now() - make_interval(secs => $1)
    ORDER BY created_at
    LIMIT $2
    FOR UPDATE SKIP LOCKED
  )`;

export const makeIdempotencyStore = (pool: Pool): IdempotencyStore => ({
  async find(keyHash) {
    const { rows } = await query<OutcomeRow>(pool, { name: 'find-outcome', text: FIND, values: [keyHash] });
    return rows[0];
  },

  async keepRefusal({ keyHash, fingerprint, outcome }) {
    const values = [keyHash, fingerprint, JSON.stringify(outcome)];
    await query(pool, { name: 'keep-refusal', text: KEEP, values });
  },

  async purge(olderThanSeconds, limit) {
    const values = [olderThanSeconds, limit];
    const { rowCount } = await query(pool, { name: 'purge-outcomes', text: PURGE, values });
    return rowCount ?? 0;
  },
});
