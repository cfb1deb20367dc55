import type { Pool } from 'pg';

import type { IdempotencyStore, Outcome } from '../../idempotency/ports.ts';
import { query } from '../query.ts';

/** The previous release also stores `json`, the representation, and errors as `refused`. */
type StoredOutcome =
  ({ readonly kind: 'done'; readonly json?: string } & Outcome) | { readonly kind: 'closed' | 'refused' };

const FIND = `
  SELECT outcome
  FROM idempotency_keys
  WHERE key_hash = $1`;

// Errors of the previous release are not replayed: the call had no effect, so it runs again. Remove this with the next release.
const FORGET_REFUSED = `
  DELETE FROM idempotency_keys
  WHERE key_hash = $1 AND outcome ->> 'kind' = 'refused'`;

const CLOSE = `
  UPDATE idempotency_keys
  SET outcome = '{"kind":"closed"}'
  WHERE key_hash = $1`;

export const makeIdempotencyStore = (pool: Pool): IdempotencyStore => ({
  async find(keyHash) {
    const statement = { name: 'find-outcome', text: FIND, values: [keyHash] };
    const { rows } = await query<{ outcome: StoredOutcome }>(pool, statement);
    const outcome = rows[0]?.outcome;
    if (outcome === undefined) return undefined;
    if (outcome.kind === 'done') return { kind: 'done', outcome: { id: outcome.id, version: outcome.version } };
    if (outcome.kind === 'closed') return { kind: 'closed' };
    await query(pool, { name: 'forget-refused', text: FORGET_REFUSED, values: [keyHash] });
    return undefined;
  },

  async close(keyHash) {
    await query(pool, { name: 'close-key', text: CLOSE, values: [keyHash] });
  },
});
