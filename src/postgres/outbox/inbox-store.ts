import type { PoolClient } from 'pg';

import { query } from '../query.ts';

// A concurrent transaction waits here: it inserts the row when the first one rolls back, and finds it when that one commits.
const ADD = `
  INSERT INTO inbox (consumer, event_id)
  VALUES ($1, $2)
  ON CONFLICT (consumer, event_id) DO NOTHING`;

/** Bound to a transaction, see `transact`: records the handled event in the transaction of its effect, so that the effect happens once. */
export const makeInboxStore = (client: PoolClient) => ({
  /** @returns false when `consumer` has handled this event before */
  async add(consumer: string, eventId: string): Promise<boolean> {
    const { rowCount } = await query(client, { name: 'add-to-inbox', text: ADD, values: [consumer, eventId] });
    return rowCount === 1;
  },
});

export type Inbox = ReturnType<typeof makeInboxStore>;
