// The domain type of an order.

import type { UserId } from '../users/user.ts';

/** UUIDv7 in its 36-character lower-case form. */
// eslint-disable-next-line sonarjs/redundant-type-aliases -- says what a string stands for
export type OrderId = string;

/** Symbols of the published enum (api-specs/events/order-rejected), without its default UNKNOWN, which is never written. */
export type RejectionReason = 'PAYMENT_DECLINED';

export type OrderStatus = 'placed' | 'confirmed' | 'rejected';

export type Order = {
  readonly id: OrderId;
  readonly userId: UserId;
  /** Integer minor units of the currency: 1999 is 19.99 EUR. */
  readonly amountMinor: number;
  /** ISO 4217, in upper case. */
  readonly currency: string;
  readonly status: OrderStatus;
  readonly placedAt: Date;
  /** When the order was confirmed or rejected. */
  readonly decidedAt: Date | undefined;
  readonly rejectionReason: RejectionReason | undefined;
};
