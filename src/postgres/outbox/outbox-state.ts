import type { Pool } from 'pg';

import type { OutboxState } from '../../outbox/ports.ts';
import { query } from '../query.ts';

const COUNTED_AT_MOST = 100_000;

// Counting stops somewhere: a long outbox is no reason to make the database slower.
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

export const makeOutboxState = (pool: Pool): OutboxState => ({
  async read() {
    const { rows } = await query<Row>(pool, { name: 'outbox-state', text: READ, values: [COUNTED_AT_MOST] });
    const [row] = rows;
    const oldestSeconds = Math.max(0, Number(row?.oldest_seconds ?? 0));
    return { pending: Number(row?.pending), parked: Number(row?.parked), oldestSeconds };
  },
  async unpark() {
    const { rowCount } = await query(pool, { name: 'unpark-outbox', text: UNPARK });
    return rowCount ?? 0;
  },
});
