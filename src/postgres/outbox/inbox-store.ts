import type { Pool, PoolClient } from 'pg';

import { query } from '../query.ts';

// A concurrent transaction waits here: it inserts the row when the first one rolls back, and finds it when that one commits.
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

/** Bound to a transaction, see `transact`: records the handled event in the transaction of its effect, so that the effect happens once. */
export const makeInboxStore = (client: PoolClient) => ({
  /** @returns false when `consumer` has handled this event before */
  async add(consumer: string, eventId: string): Promise<boolean> {
    const { rowCount } = await query(client, { name: 'add-to-inbox', text: ADD, values: [consumer, eventId] });
    return rowCount === 1;
  },
});

export type Inbox = ReturnType<typeof makeInboxStore>;

export const makeInboxPurge = (pool: Pool) => ({
  /**
   * Deletes entries older than `olderThanSeconds`, at most `limit`. Keep entries longer than the broker retains messages.
   * @returns the number of deleted entries
   */
  async purge(olderThanSeconds: number, limit: number): Promise<number> {
    const values = [olderThanSeconds, limit];
    const { rowCount } = await query(pool, { name: 'purge-inbox', text: PURGE, values });
    return rowCount ?? 0;
  },
});
