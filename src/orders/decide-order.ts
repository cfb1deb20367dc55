import { orderConfirmed, orderRejected } from './events.ts';
import type { OrderPlaced } from './events.ts';
import type { Order } from './order.ts';
import type { OrderTelemetry, OrderTransact, PaymentDecision, Payments } from './ports.ts';

type Deps = {
  readonly transact: OrderTransact;
  readonly payments: Payments;
  readonly telemetry: Pick<OrderTelemetry, 'orderConfirmed' | 'orderRejected'>;
  readonly now: () => Date;
};

/** Whose inbox it is: the name is kept with every event, so it never changes. */
const CONSUMER = 'decide-order';

const REASON = 'PAYMENT_DECLINED';

const toDecided = (order: Order, answer: PaymentDecision, decidedAt: Date): Order =>
  answer === 'approved'
    ? { ...order, status: 'confirmed', decidedAt }
    : { ...order, status: 'rejected', decidedAt, rejectionReason: REASON };

const toEvent = (order: Order, at: Date) =>
  order.status === 'confirmed' ? orderConfirmed(order, at) : orderRejected(order, at, REASON);

/** Two machines may have placed and decided it: their clocks differ a little, but no time is negative. */
const secondsBetween = (from: Date, to: Date): number => Math.max(0, to.getTime() - from.getTime()) / 1000;

/**
 * Confirms or rejects a placed order, once. The payment is asked outside of the transaction, which would otherwise stay open for as long as
 * somebody else's service takes; asking again is safe, because an order id gets the same answer each time.
 * An order that is gone (its user was erased since, and the order with the user) or that is decided already stays as it is: no effect, no
 * error. What was authorised for it is never captured.
 * @throws Unavailable PAYMENT_UNAVAILABLE | STORE_UNAVAILABLE | STORE_TIMEOUT: nothing was written, the same event may come again
 */
export const makeDecideOrder = ({ transact, payments, telemetry, now }: Deps) => {
  const write = (eventId: string, orderId: string, answer: PaymentDecision): Promise<Order | undefined> =>
    transact(async ({ orders, inbox, outbox }) => {
      if (!(await inbox.add(CONSUMER, eventId))) return undefined;
      const placed = await orders.findForUpdate(orderId);
      if (placed?.status !== 'placed') return undefined;
      const decidedAt = now();
      const decided = toDecided(placed, answer, decidedAt);
      await orders.decide(decided);
      await outbox.add(toEvent(decided, decidedAt));
      return decided;
    });

  const tell = ({ id: orderId, status, placedAt, decidedAt }: Order): void => {
    const processingSeconds = secondsBetween(placedAt, decidedAt ?? placedAt);
    if (status === 'confirmed') telemetry.orderConfirmed({ orderId, processingSeconds });
    else telemetry.orderRejected({ orderId, reason: REASON, processingSeconds });
  };

  return async (placed: Omit<OrderPlaced, 'type' | 'occurredAt'>): Promise<void> => {
    const { eventId, orderId, amountMinor, currency } = placed;
    const answer = await payments.authorize({ orderId, amountMinor, currency });
    const decided = await write(eventId, orderId, answer);
    if (decided !== undefined) tell(decided);
  };
};
