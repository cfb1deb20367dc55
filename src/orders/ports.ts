// Ports of the orders module; adapters are in postgres/orders/ and payments/.
// Every port throws `Unavailable` (errors/unavailable.ts) when its dependency is down or too slow.

import type { Position } from '../paging/cursor.ts';
import type { UserId } from '../users/user.ts';
import type { OrderEvent, OrderPlaced } from './events.ts';
import type { Order, OrderId, RejectionReason } from './order.ts';

export type OrderPlacement = {
  readonly order: Order;
  readonly event: OrderPlaced;
  /** When given, the row of this idempotency key is written by the same statement. */
  readonly keyHash?: Buffer | undefined;
};

export type OrderPlacementStore = {
  /**
   * Writes the order, the event and the idempotency record in one statement: one round trip, all or nothing.
   * @throws UserError USER_NOT_FOUND when the user was erased but the token is still valid
   * @throws IdempotencyError IDEMPOTENCY_KEY_IN_USE when another call with this key was written first
   */
  insert(placement: OrderPlacement): Promise<void>;
};

/** Reads outside a transaction, limited to one user. */
export type OrderReader = {
  find(userId: UserId, id: OrderId): Promise<Order | undefined>;
  /** At most `limit` orders strictly after `after`; from the newest one without it. */
  list(userId: UserId, page: { limit: number; after?: Position }): Promise<Order[]>;
};

/** Whether new orders are accepted: an operator can pause them. */
export type AcceptsOrders = (userId: UserId) => Promise<boolean>;

/** Reads an order of any user outside a transaction, for what the service decides by itself; undefined when its user was erased. */
export type FindOrder = (id: OrderId) => Promise<Order | undefined>;

/** Writes bound to one transaction; see `OrderTransact`. */
export type OrderStore = {
  /** The order, locked until the transaction ends; undefined when its user was erased. */
  findForUpdate(id: OrderId): Promise<Order | undefined>;
  /** Writes status, time and reason of a decided order. */
  decide(order: Order): Promise<void>;
};

/** Records the handled event in the transaction of its effect, so that the effect happens once. */
export type OrderInbox = {
  /** False when `consumer` has already handled this event. A concurrent delivery waits for the first one's transaction. */
  add(consumer: string, eventId: string): Promise<boolean>;
};

/** Events, published after the commit and only then. */
export type OrderOutbox = { add(event: OrderEvent): Promise<void> };

type OrderStores = { orders: OrderStore; inbox: OrderInbox; outbox: OrderOutbox };

/** A transaction is the scope of a closure: it commits when `work` resolves and rolls back when it rejects. */
export type OrderTransact = <T>(work: (stores: OrderStores) => Promise<T>) => Promise<T>;

export type PaymentDecision = 'approved' | 'declined';

export type Payments = {
  /**
   * Idempotent: the same order id gets the same decision, however often it is sent.
   * @throws Unavailable PAYMENT_UNAVAILABLE, within a deadline of its own
   */
  authorize(payment: { orderId: OrderId; amountMinor: number; currency: string }): Promise<PaymentDecision>;
};

/** Business telemetry; `observability/business-events.ts` increments the metric and writes the log line. */
export type OrderTelemetry = {
  orderPlaced(details: { orderId: OrderId; userId: UserId }): void;
  /** `processingSeconds`: from placed to decided. */
  orderConfirmed(details: { orderId: OrderId; processingSeconds: number }): void;
  orderRejected(details: { orderId: OrderId; reason: RejectionReason; processingSeconds: number }): void;
};
