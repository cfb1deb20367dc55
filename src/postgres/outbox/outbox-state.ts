import type { Pool } from 'pg';

import { query } from '../query.ts';

const COUNTED_AT_MOST = 100_000;

// Counting is bounded, so that a long outbox does not slow down the database.
const READ = `
  SELECT
    (SELECT count(*) FROM (SELECT FROM outbox WHERE parked_at IS NULL LIMIT $1) AS counted) AS pending,
    (SELECT count(*) FROM (SELECT FROM outbox WHERE parked_at IS NOT NULL LIMIT $1) AS counted) AS parked,
    (SELECT extract(epoch FROM clock_timestamp() - created_at)
     FROM outbox WHERE parked_at IS NULL ORDER BY id LIMIT 1) AS oldest_seconds`;

const UNPARK = `
  UPDATE outbox
  SET parked_at = NULL, parked_reason = NULL
  WHERE parked_at IS NOT NULL`;

type Row = { readonly pending: string; readonly parked: string; readonly oldest_seconds: string | null };

/** The backlog of the outbox, over all shards. */
export const makeOutboxState = (pool: Pool) => ({
  /** Counts are limited to 100,000. `oldestSeconds` is the age of the oldest pending row, 0 without one. */
  async read(): Promise<{ pending: number; parked: number; oldestSeconds: number }> {
    const { rows } = await query<Row>(pool, { name: 'outbox-state', text: READ, values: [COUNTED_AT_MOST] });
    const [row] = rows;
    const oldestSeconds = Math.max(0, Number(row?.oldest_seconds ?? 0));
    return { pending: Number(row?.pending), parked: Number(row?.parked), oldestSeconds };
  },
  /** Makes parked rows pending again. @returns their number */
  async unpark(): Promise<number> {
    const { rowCount } = await query(pool, { name: 'unpark-outbox', text: UNPARK });
    return rowCount ?? 0;
  },
});
