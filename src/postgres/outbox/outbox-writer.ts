import type { PoolClient } from 'pg';

import { currentTraceparent } from '../../observability/trace-context.ts';
import type { DomainEvent, OutboxWriter } from '../../outbox/ports.ts';
import { query } from '../query.ts';

const INSERT = `
  INSERT INTO outbox (event_id, event_type, key, payload, traceparent)
  VALUES ($1, $2, $3, $4, $5)`;

/** `event_id, event_type, key, payload, traceparent`: the event itself, and the trace that it was written in. */
export const toOutboxValues = ({ type, ...event }: DomainEvent): unknown[] => {
  const key = 'orderId' in event ? event.orderId : event.userId;
  const payload = { ...event, occurredAt: event.occurredAt.getTime() };
  return [event.eventId, type, key, JSON.stringify(payload), currentTraceparent() ?? null];
};

export const makeOutboxWriter = (client: PoolClient): OutboxWriter => ({
  async add(event) {
    await query(client, { name: 'add-to-outbox', text: INSERT, values: toOutboxValues(event) });
  },
});
