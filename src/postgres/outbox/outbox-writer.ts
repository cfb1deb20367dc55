import type { PoolClient } from 'pg';

import { keyOf, type DomainEvent } from '../../messaging/event-topics.ts';
import { currentTraceparent } from '../../observability/trace-context.ts';
import { query } from '../query.ts';

const INSERT = `
  INSERT INTO outbox (event_id, event_type, key, payload, traceparent)
  VALUES ($1, $2, $3, $4, $5)`;

/** `event_id, event_type, key, payload, traceparent`: the event, and the trace in which it was written. */
export const toOutboxValues = (event: DomainEvent): unknown[] => {
  const { type, ...fields } = event;
  const payload = { ...fields, occurredAt: event.occurredAt.getTime() };
  return [event.eventId, type, keyOf(event), JSON.stringify(payload), currentTraceparent() ?? null];
};

/** Bound to a transaction, see `transact`: the event is stored if and only if the transaction commits. */
export const makeOutboxWriter = (client: PoolClient) => ({
  async add(event: DomainEvent): Promise<void> {
    await query(client, { name: 'add-to-outbox', text: INSERT, values: toOutboxValues(event) });
  },
});

export type OutboxWriter = ReturnType<typeof makeOutboxWriter>;
