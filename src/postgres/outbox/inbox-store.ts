import type { Pool, PoolClient } from 'pg';

import type { Inbox, InboxPurge } from '../../consumers/ports.ts';
import { query } from '../query.ts';

// A rival in another transaction waits here: it inserts when the first one rolls back, and finds the row when that one commits.
const ADD = `
  INSERT INTO inbox (consumer, event_id)
  VALUES ($1, $2)
  ON CONFLICT (consumer, event_id) DO NOTHING`;

// SKIP LOCKED: two processes that purge at once share the work instead of waiting for each other
const PURGE = `
  DELETE FROM inbox
  WHERE (consumer, event_id) IN (
    SELECT consumer, event_id
    FROM inbox
    WHERE received_at < now() - make_interval(secs => $1)
    ORDER BY received_at
    LIMIT $2
    FOR UPDATE SKIP LOCKED
  )`;

/** Bound to a transaction, see `transact`. */
export const makeInboxStore = (client: PoolClient): Inbox => ({
  async add(consumer, eventId) {
    const { rowCount } = await query(client, { name: 'add-to-inbox', text: ADD, values: [consumer, eventId] });
    return rowCount === 1;
  },
});

export const makeInboxPurge = (pool: Pool): InboxPurge => ({
  async purge(olderThanSeconds, limit) {
    const values = [olderThanSeconds, limit];
    const { rowCount } = await query(pool, { name: 'purge-inbox', text: PURGE, values });
    return rowCount ?? 0;
  },
});
