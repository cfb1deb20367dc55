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

/**
 * Confirms or rejects a placed order, once. The payment is authorized outside of the transaction, which would otherwise stay open during a call
 * to another service. Repeating that call is safe: an order id gets the same decision each time.
 * No effect and no error for an order that was deleted (with its erased user) or already decided; its authorization is never captured.
 * @throws Unavailable PAYMENT_UNAVAILABLE | STORE_UNAVAILABLE | STORE_TIMEOUT: nothing was written, the event can be redelivered
 */
export const makeDecideOrder = ({ transact, payments, telemetry, now }: Deps) => {
  const write = (eventId: string, orderId: string, decision: PaymentDecision): Promise<Order | undefined> =>
    transact(async ({ orders, inbox, outbox }) => {
      if (!(await inbox.add(CONSUMER, eventId))) return undefined;
      const placed = await orders.findForUpdate(orderId);
      if (placed?.status !== 'placed') return undefined;
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

  return async (placed: Omit<OrderPlaced, 'type' | 'occurredAt'>): Promise<void> => {
    const { eventId, orderId, amountMinor, currency } = placed;
    const decision = await payments.authorize({ orderId, amountMinor, currency });
    const decided = await write(eventId, orderId, decision);
    if (decided !== undefined) report(decided);
  };
};
