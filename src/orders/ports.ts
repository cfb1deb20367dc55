// What the orders room needs from the outside. Adapters live in postgres/ and payments/.
// Every port throws `Unavailable` (errors/unavailable.ts) when what is behind it is down or too slow.

import type { IdempotentCall } from '../idempotency/ports.ts';
import type { UserId } from '../users/user.ts';
import type { OrderEvent, OrderPlaced } from './events.ts';
import type { Order, OrderId, RejectionReason } from './order.ts';

export type OrderPlacement = {
  readonly order: Order;
  readonly event: OrderPlaced;
  /** When given, its row is written by the same statement. */
  readonly idempotency?: IdempotentCall;
};

export type OrderPlacementStore = {
  /**
   * Writes the order, the event and the idempotency record in one statement: one round trip, all or nothing.
   * @throws UserError USER_NOT_FOUND when the user was erased and the token still lived
   * @throws IdempotencyError IDEMPOTENCY_KEY_IN_USE when another call with this key was written first
   */
  insert(placement: OrderPlacement): Promise<void>;
};

/** A place in a user's list of orders: newest first, ties broken by id. */
export type OrderPosition = { readonly placedAt: Date; readonly id: OrderId };

/** Reads outside a transaction, always of one user. */
export type OrderReader = {
  find(userId: UserId, id: OrderId): Promise<Order | undefined>;
  /** At most `limit` orders strictly after `after`; from the newest one without it. */
  list(userId: UserId, page: { limit: number; after?: OrderPosition }): Promise<Order[]>;
};

/** Writes bound to one transaction; see `OrderTransact`. */
export type OrderStore = {
  /** The order, locked until the transaction ends; undefined when its user was erased. */
  findForUpdate(id: OrderId): Promise<Order | undefined>;
  /** Writes status, moment and reason of a decided order. */
  decide(order: Order): Promise<void>;
};

/** Which events a consumer has had, so that an effect happens once. False: seen before. */
export type OrderInbox = { add(consumer: string, eventId: string): Promise<boolean> };

/** Facts for the outside, published after the commit and only then. */
export type OrderOutbox = { add(event: OrderEvent): Promise<void> };

type OrderStores = { orders: OrderStore; inbox: OrderInbox; outbox: OrderOutbox };

/** A transaction is the scope of a closure: it commits when `work` resolves and rolls back when it rejects. */
export type OrderTransact = <T>(work: (stores: OrderStores) => Promise<T>) => Promise<T>;

export type PaymentDecision = 'approved' | 'declined';

export type Payments = {
  /**
   * Asks once per order: the same order id gives the same answer, however often it is asked.
   * @throws Unavailable PAYMENT_UNAVAILABLE, within a deadline of its own
   */
  authorize(payment: { orderId: OrderId; amountMinor: number; currency: string }): Promise<PaymentDecision>;
};

/** Business facts; `observability/business-events.ts` moves the metric and writes the log line. */
export type OrderTelemetry = {
  orderPlaced(details: { orderId: OrderId; userId: UserId }): void;
  /** `processingSeconds`: from placed to decided. */
  orderConfirmed(details: { orderId: OrderId; processingSeconds: number }): void;
  orderRejected(details: { orderId: OrderId; reason: RejectionReason; processingSeconds: number }): void;
};
