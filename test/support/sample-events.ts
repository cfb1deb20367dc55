// One domain event of each type. The compiler rejects a sample with missing or additional fields, and a test rejects one whose fields differ from
// the published schema. So the types in src/ and the schemas in api-specs/events can't diverge.

import type { DomainEvent, EventType } from '../../src/messaging/event-topics.ts';
import type { EventPayload } from '../../src/messaging/codec.ts';
import { toOutboxValues } from '../../src/postgres/outbox/outbox-writer.ts';

export type EventOf<T extends EventType> = Extract<DomainEvent, { type: T }>;

const occurredAt = new Date('2026-02-03T04:05:06.789Z');
const eventId = '019c2178-3a95-7000-8000-000000000001';
const userId = '019c2178-3a95-7000-8000-000000000002';
const orderId = '019c2178-3a95-7000-8000-000000000003';
const base = { eventId, occurredAt, userId };
const amount = { amountMinor: 1999, currency: 'EUR' };

export const SAMPLE_EVENTS = {
  UserRegistered: { type: 'UserRegistered', ...base },
  UserProfileChanged: { type: 'UserProfileChanged', ...base, version: 2, changedFields: ['name', 'email'] },
  UserErased: { type: 'UserErased', ...base },
  OrderPlaced: { type: 'OrderPlaced', ...base, orderId, ...amount },
  OrderConfirmed: { type: 'OrderConfirmed', ...base, orderId, ...amount },
  OrderRejected: { type: 'OrderRejected', ...base, orderId, reason: 'PAYMENT_DECLINED' },
} as const satisfies { [T in EventType]: EventOf<T> };

/** The payload of the event in the outbox. */
export const payloadOf = (event: DomainEvent): EventPayload =>
  JSON.parse(String(toOutboxValues(event)[3])) as EventPayload;
