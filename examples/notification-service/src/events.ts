// The events that this service handles, each with only the fields that it uses: user-service may change all others.

import { NotificationError } from './errors.ts';

/** A decoded Avro record: the name of its schema and its fields. */
export type DecodedEvent = { readonly type: string; readonly payload: Readonly<Record<string, unknown>> };

type EventBase = { readonly eventId: string; readonly userId: string };

export type UserRegistered = EventBase & { readonly type: 'UserRegistered' };
export type UserErased = EventBase & { readonly type: 'UserErased' };
export type OrderConfirmed = EventBase & {
  readonly type: 'OrderConfirmed';
  readonly orderId: string;
  /** Integer minor units of the currency. */
  readonly amountMinor: number;
  /** ISO 4217. */
  readonly currency: string;
};
export type OrderRejected = EventBase & { readonly type: 'OrderRejected'; readonly orderId: string };

export type ConsumedEvent = UserRegistered | UserErased | OrderConfirmed | OrderRejected;

type Payload = DecodedEvent['payload'];

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
const CURRENCY = /^[A-Z]{3}$/;

const forbidden = (): NotificationError =>
  new NotificationError('EVENT_FORBIDDEN', 'The event contains an invalid value.');

const text = (value: unknown, pattern: RegExp): string => {
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw forbidden();
};

const amount = (value: unknown): number => {
  if (Number.isSafeInteger(value) && Number(value) > 0) return Number(value);
  throw forbidden();
};

/** Ids become file names and parts of URLs, so only UUIDs are accepted. */
const baseOf = ({ eventId, userId }: Payload): EventBase => ({
  eventId: text(eventId, UUID),
  userId: text(userId, UUID),
});
const orderOf = (payload: Payload) => ({ ...baseOf(payload), orderId: text(payload.orderId, UUID) });

const readers = new Map<string, (payload: Payload) => ConsumedEvent>([
  ['UserRegistered', (payload) => ({ type: 'UserRegistered', ...baseOf(payload) })],
  ['UserErased', (payload) => ({ type: 'UserErased', ...baseOf(payload) })],
  [
    'OrderConfirmed',
    (payload) => ({
      type: 'OrderConfirmed',
      ...orderOf(payload),
      amountMinor: amount(payload.amountMinor),
      currency: text(payload.currency, CURRENCY),
    }),
  ],
  ['OrderRejected', (payload) => ({ type: 'OrderRejected', ...orderOf(payload) })],
]);

/**
 * The event, or undefined for a type that this service does not handle.
 * @throws NotificationError EVENT_FORBIDDEN
 */
export const toConsumedEvent = ({ type, payload }: DecodedEvent): ConsumedEvent | undefined =>
  readers.get(type)?.(payload);
