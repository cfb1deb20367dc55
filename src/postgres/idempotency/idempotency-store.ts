import type { Pool } from 'pg';

import type { IdempotencyStore, Outcome } from '../../idempotency/ports.ts';
import { query } from '../query.ts';

type OutcomeRow = { readonly fingerprint: Buffer; readonly outcome: Outcome };

/** Rows of earlier releases have no id of their own; the representation has it. They are purged after a day. */
const withId = (outcome: Outcome): Outcome =>
  outcome.kind === 'done' && !Object.hasOwn(outcome, 'id')
    ? { ...outcome, id: (JSON.parse(outcome.json) as { id: string }).id }
    : outcome;

const FIND = `
  SELECT fingerprint, outcome
  FROM idempotency_keys
  WHERE key_hash = $1`;

const SAVE = `
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
    return rows[0] && { ...rows[0], outcome: withId(rows[0].outcome) };
  },

  async saveFinalError({ keyHash, fingerprint, outcome }) {
    const values = [keyHash, fingerprint, JSON.stringify(outcome)];
    await query(pool, { name: 'save-final-error', text: SAVE, values });
  },

  async purge(olderThanSeconds, limit) {
    const values = [olderThanSeconds, limit];
    const { rowCount } = await query(pool, { name: 'purge-outcomes', text: PURGE, values });
    return rowCount ?? 0;
  },
});
