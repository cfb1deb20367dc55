import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { Unavailable } from '../../../src/errors/unavailable.ts';
import { makeDecideOrder } from '../../../src/orders/decide-order.ts';
import { orderPlaced } from '../../../src/orders/events.ts';
import type { Order } from '../../../src/orders/order.ts';
import type { PaymentDecision } from '../../../src/orders/ports.ts';
import { makeFakeOrderStores } from '../../support/fakes/order-stores.ts';
import { makeFactRecorder } from '../../support/fakes/recorder.ts';

const PLACED_AT = new Date('2026-01-31T12:00:00.000Z');
const DECIDED_AT = new Date('2026-01-31T12:00:00.250Z');

const placed = (changes: Partial<Order> = {}): Order => ({
  id: randomUUID(),
  userId: randomUUID(),
  amountMinor: 1999,
  currency: 'EUR',
  status: 'placed',
  placedAt: PLACED_AT,
  decidedAt: undefined,
  rejectionReason: undefined,
  ...changes,
});

/** `order` is stored unless it is undefined. */
const arrange = (order: Order | undefined, answer: PaymentDecision = 'approved', decidedAt = DECIDED_AT) => {
  const stores = makeFakeOrderStores();
  const { told, telemetry } = makeFactRecorder();
  const asked: unknown[] = [];
  if (order !== undefined) stores.rows.orders.set(order.id, order);
  const payments = {
    authorize: (payment: unknown) => {
      asked.push(payment);
      return Promise.resolve(answer);
    },
  };
  const deps = { transact: stores.transact, payments, telemetry, now: () => decidedAt };
  return { ...stores, deps, told, asked, decideOrder: makeDecideOrder(deps) };
};

describe('decideOrder', () => {
  it('confirms an order whose payment is approved, with the event and the time it took', async () => {
    const order = placed();
    const { decideOrder, rows, told, asked } = arrange(order);

    await decideOrder(orderPlaced(order));

    expect(asked).toEqual([{ orderId: order.id, amountMinor: 1999, currency: 'EUR' }]);
    expect(rows.orders.get(order.id)).toEqual({ ...order, status: 'confirmed', decidedAt: DECIDED_AT });
    expect(rows.events).toEqual([
      {
        type: 'OrderConfirmed',
        eventId: expect.any(String) as string,
        occurredAt: DECIDED_AT,
        orderId: order.id,
        userId: order.userId,
        amountMinor: 1999,
        currency: 'EUR',
      },
    ]);
    expect(told).toEqual([['orderConfirmed', { orderId: order.id, processingSeconds: 0.25 }]]);
  });

  it('rejects an order whose payment is declined, and says why', async () => {
    const order = placed();
    const { decideOrder, rows, told } = arrange(order, 'declined');

    await decideOrder(orderPlaced(order));

    const reason = 'PAYMENT_DECLINED';
    expect(rows.orders.get(order.id)).toMatchObject({ status: 'rejected', rejectionReason: reason });
    expect(rows.events).toMatchObject([{ type: 'OrderRejected', orderId: order.id, reason }]);
    expect(told).toEqual([['orderRejected', { orderId: order.id, reason, processingSeconds: 0.25 }]]);
  });

  it('does nothing the second time an event comes', async () => {
    const order = placed();
    const { decideOrder, rows, told } = arrange(order);
    const event = orderPlaced(order);

    await decideOrder(event);
    rows.orders.set(order.id, order); // even if the order's status did not tell
    await decideOrder(event);

    expect(rows.orders.get(order.id)?.status).toBe('placed');
    expect([rows.events.length, told.length]).toEqual([1, 1]);
  });

  it('leaves an order as it is that was decided by another event', async () => {
    const order = placed();
    const { decideOrder, rows, told, deps } = arrange(order);
    await decideOrder(orderPlaced(order));

    const declining = { authorize: () => Promise.resolve('declined' as const) };
    await makeDecideOrder({ ...deps, payments: declining })(orderPlaced(order));

    expect(rows.orders.get(order.id)?.status).toBe('confirmed');
    expect([rows.events.length, told.length, rows.inbox.size]).toEqual([1, 1, 2]);
  });

  it('has no effect and no error for an order that is gone with its user', async () => {
    const { decideOrder, rows, told } = arrange(undefined);

    await decideOrder(orderPlaced(placed()));

    expect([rows.events.length, told.length, rows.inbox.size]).toEqual([0, 0, 1]);
  });

  it('writes nothing while the payment provider is down, and decides when it is back', async () => {
    const order = placed();
    const { decideOrder, rows, told, deps } = arrange(order);
    const down = { authorize: () => Promise.reject(new Unavailable('PAYMENT_UNAVAILABLE', 'down')) };
    const event = orderPlaced(order);

    await expect(makeDecideOrder({ ...deps, payments: down })(event)).rejects.toMatchObject({
      code: 'PAYMENT_UNAVAILABLE',
    });
    expect([rows.events.length, told.length, rows.inbox.size]).toEqual([0, 0, 0]);

    await decideOrder(event);
    expect(rows.orders.get(order.id)?.status).toBe('confirmed');
  });

  it('tells nothing when its transaction fails', async () => {
    const order = placed();
    const { rows, told, deps, transact } = arrange(order);
    const decideOrder = makeDecideOrder({
      ...deps,
      transact: (work) =>
        transact(async (stores) => {
          await work(stores);
          throw new Error('the commit failed');
        }),
    });

    await expect(decideOrder(orderPlaced(order))).rejects.toThrow('the commit failed');
    expect([rows.events.length, told.length, rows.inbox.size]).toEqual([0, 0, 0]);
  });

  it('measures no negative time when the clocks of two machines differ', async () => {
    const order = placed();
    const { decideOrder, told } = arrange(order, 'approved', new Date(PLACED_AT.getTime() - 40));

    await decideOrder(orderPlaced(order));

    expect(told).toEqual([['orderConfirmed', { orderId: order.id, processingSeconds: 0 }]]);
  });
});
