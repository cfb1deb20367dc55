// The facts about orders that leave the service; api-specs/events/ has the published form of each.

import type { UserId } from '../users/user.ts';
import type { OrderId, RejectionReason } from './order.ts';

type Fact = {
  /** UUIDv7; consumers remember it, so that an effect happens once. */
  readonly eventId: string;
  readonly occurredAt: Date;
  /** Also the key: the facts about one order keep their order. */
  readonly orderId: OrderId;
  readonly userId: UserId;
};

export type OrderPlaced = Fact & {
  readonly type: 'OrderPlaced';
  readonly amountMinor: number;
  readonly currency: string;
};
export type OrderConfirmed = Fact & {
  readonly type: 'OrderConfirmed';
  readonly amountMinor: number;
  readonly currency: string;
};
export type OrderRejected = Fact & { readonly type: 'OrderRejected'; readonly reason: RejectionReason };

export type OrderEvent = OrderPlaced | OrderConfirmed | OrderRejected;
