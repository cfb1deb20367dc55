// The published events about orders; api-specs/events/ has the schema of each.

import type { UserId } from '../users/user.ts';
import { newUuid } from '../uuid/uuid.ts';
import type { Order, OrderId, RejectionReason } from './order.ts';

type EventBase = {
  /** UUIDv7; consumers deduplicate by it. */
  readonly eventId: string;
  readonly occurredAt: Date;
  /** Also the message key: the events of one order stay in sequence. */
  readonly orderId: OrderId;
  readonly userId: UserId;
};

export type OrderPlaced = EventBase & {
  readonly type: 'OrderPlaced';
  readonly amountMinor: number;
  readonly currency: string;
};
export type OrderConfirmed = EventBase & {
  readonly type: 'OrderConfirmed';
  readonly amountMinor: number;
  readonly currency: string;
};
export type OrderRejected = EventBase & { readonly type: 'OrderRejected'; readonly reason: RejectionReason };

export type OrderEvent = OrderPlaced | OrderConfirmed | OrderRejected;

const base = ({ id, userId }: Order, occurredAt: Date): EventBase => ({
  eventId: newUuid(occurredAt),
  occurredAt,
  orderId: id,
  userId,
});

export const orderPlaced = (order: Order): OrderPlaced => ({
  type: 'OrderPlaced',
  ...base(order, order.placedAt),
  amountMinor: order.amountMinor,
  currency: order.currency,
});

export const orderConfirmed = (order: Order, at: Date): OrderConfirmed => ({
  type: 'OrderConfirmed',
  ...base(order, at),
  amountMinor: order.amountMinor,
  currency: order.currency,
});

export const orderRejected = (order: Order, at: Date, reason: RejectionReason): OrderRejected => ({
  type: 'OrderRejected',
  ...base(order, at),
  reason,
});
