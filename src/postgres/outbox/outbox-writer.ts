// The two ways to write an event to the outbox. Both announce it after the commit, see outbox-notifier.ts.

import type { Pool, PoolClient, QueryResult } from 'pg';

import { keyOf, type DomainEvent } from '../../messaging/event-topics.ts';
import { currentTraceparent } from '../../observability/trace-context.ts';
import { query, type Statement } from '../query.ts';

const INSERT = `
  INSERT INTO outbox (event_id, event_type, key, payload, traceparent)
  VALUES ($1, $2, $3, $4, $5)`;

/** The event of a pool whose connection has committed an event of the domain. */
export const OUTBOX_WRITTEN = 'outbox written';

/** Call it after the commit of a connection of `pool`, never before. Neither waits nor throws. */
export const announceOutboxWritten = (pool: Pool): void => {
  pool.emit(OUTBOX_WRITTEN);
};

/** `event_id, event_type, key, payload, traceparent`: the event, and the trace in which it was written. */
export const toOutboxValues = (event: DomainEvent): unknown[] => {
  const { type, ...fields } = event;
  const payload = { ...fields, occurredAt: event.occurredAt.getTime() };
  return [event.eventId, type, keyOf(event), JSON.stringify(payload), currentTraceparent() ?? null];
};

/** Bound to a transaction, see `transact`: the event is stored if and only if the transaction commits. */
export const makeOutboxWriter = (client: PoolClient, onWritten: () => void) => ({
  async add(event: DomainEvent): Promise<void> {
    await query(client, { name: 'add-to-outbox', text: INSERT, values: toOutboxValues(event) });
    onWritten();
  },
});

export type OutboxWriter = ReturnType<typeof makeOutboxWriter>;

/**
 * Runs one statement, which is a transaction of its own, and inserts `event` into the outbox: `event_id, event_type, key, payload,
 * traceparent` are its last five parameters.
 * @throws as `query`
 */
export const queryWithEvent = async (
  pool: Pool,
  { values = [], ...statement }: Statement,
  event: DomainEvent,
): Promise<QueryResult> => {
  const result = await query(pool, { ...statement, values: [...values, ...toOutboxValues(event)] });
  announceOutboxWritten(pool);
  return result;
};
