import { OrderEventError } from './errors.ts';
import { orderConfirmed, orderRejected } from './events.ts';
import type { OrderPlaced } from './events.ts';
import type { Order } from './order.ts';
import type { FindOrder, OrderTelemetry, OrderTransact, PaymentDecision, Payments } from './ports.ts';

type Deps = {
  readonly findOrder: FindOrder;
  readonly transact: OrderTransact;
  readonly payments: Payments;
  readonly telemetry: Pick<OrderTelemetry, 'orderConfirmed' | 'orderRejected'>;
  readonly now: () => Date;
};

/** Consumer name in the inbox. It is stored with every event, so it must never change. */
const CONSUMER = 'decide-order';

const REASON = 'PAYMENT_DECLINED';

const toDecided = (order: Order, decision: PaymentDecision, decidedAt: Date): Order =>
  decision === 'approved'
    ? { ...order, status: 'confirmed', decidedAt }
    : { ...order, status: 'rejected', decidedAt, rejectionReason: REASON };

const toEvent = (order: Order, at: Date) =>
  order.status === 'confirmed' ? orderConfirmed(order, at) : orderRejected(order, at, REASON);

/** Never negative: the clocks of the machines that placed and decided the order may differ. */
const secondsBetween = (from: Date, to: Date): number => Math.max(0, to.getTime() - from.getTime()) / 1000;

type Terms = Pick<Order, 'userId' | 'amountMinor' | 'currency'>;

const isSame = (one: Terms, other: Terms): boolean =>
  one.userId === other.userId && one.amountMinor === other.amountMinor && one.currency === other.currency;

/**
 * Confirms or rejects a placed order, once. The order itself says whose it is and what it costs: an event only names it, and whoever can write to
 * the topic can write another amount. The payment is authorized outside of the transaction, which would otherwise stay open during a call to
 * another service. Repeating that call is safe: an order id gets the same decision each time.
 * No effect and no error for an order that was deleted (with its erased user) or already decided.
 * @throws OrderEventError ORDER_EVENT_MISMATCH when the event has another user, amount or currency than its order
 * @throws Unavailable PAYMENT_UNAVAILABLE | STORE_UNAVAILABLE | STORE_TIMEOUT: nothing was written, the event can be redelivered
 */
export const makeDecideOrder = ({ findOrder, transact, payments, telemetry, now }: Deps) => {
  const write = (eventId: string, authorized: Order, decision: PaymentDecision): Promise<Order | undefined> =>
    transact(async ({ orders, inbox, outbox }) => {
      if (!(await inbox.add(CONSUMER, eventId))) return undefined;
      const placed = await orders.findForUpdate(authorized.id);
      if (placed?.status !== 'placed') return undefined;
      if (!isSame(placed, authorized)) throw new Error('The order has changed since its payment was authorized.');
      const decidedAt = now();
      const decided = toDecided(placed, decision, decidedAt);
      await orders.decide(decided);
      await outbox.add(toEvent(decided, decidedAt));
      return decided;
    });

  const report = ({ id: orderId, status, placedAt, decidedAt }: Order): void => {
    const processingSeconds = secondsBetween(placedAt, decidedAt ?? placedAt);
    if (status === 'confirmed') telemetry.orderConfirmed({ orderId, processingSeconds });
    else telemetry.orderRejected({ orderId, reason: REASON, processingSeconds });
  };

  return async (event: Omit<OrderPlaced, 'type' | 'occurredAt'>): Promise<void> => {
    const order = await findOrder(event.orderId);
    if (order === undefined) return;
    if (!isSame(order, event)) throw new OrderEventError('ORDER_EVENT_MISMATCH', 'The event differs from its order.');
    if (order.status !== 'placed') return;
    const { id: orderId, amountMinor, currency } = order;
    const decided = await write(event.eventId, order, await payments.authorize({ orderId, amountMinor, currency }));
    if (decided !== undefined) report(decided);
  };
};
