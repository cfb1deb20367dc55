import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { Unavailable } from '../../../src/errors/unavailable.ts';
import { makeDecideOrder } from '../../../src/orders/decide-order.ts';
import { orderPlaced } from '../../../src/orders/events.ts';
import type { Order } from '../../../src/orders/order.ts';
import type { OrderTelemetry, PaymentDecision } from '../../../src/orders/ports.ts';
import { makeFakeOrderStores } from '../../support/fakes/order-stores.ts';
import { makeTelemetryRecorder } from '../../support/fakes/telemetry.ts';

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

/** @param order is stored when it is defined */
const arrange = (order: Order | undefined, decision: PaymentDecision = 'approved', decidedAt = DECIDED_AT) => {
  const stores = makeFakeOrderStores();
  const { reported, telemetry } = makeTelemetryRecorder<OrderTelemetry>();
  const authorized: unknown[] = [];
  if (order !== undefined) stores.rows.orders.set(order.id, order);
  const payments = {
    authorize: (payment: unknown) => {
      authorized.push(payment);
      return Promise.resolve(decision);
    },
  };
  const deps = { findOrder: stores.findOrder, transact: stores.transact, payments, telemetry, now: () => decidedAt };
  return { ...stores, deps, reported, authorized, decideOrder: makeDecideOrder(deps) };
};

describe('decideOrder', () => {
  it('confirms an order whose payment is approved, with its event and processing time', async () => {
    const order = placed();
    const { decideOrder, rows, reported, authorized } = arrange(order);

    await decideOrder(orderPlaced(order));

    expect(authorized).toEqual([{ orderId: order.id, amountMinor: 1999, currency: 'EUR' }]);
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
    expect(reported).toEqual([['orderConfirmed', { orderId: order.id, processingSeconds: 0.25 }]]);
  });

  it('rejects an order whose payment is declined, with the reason', async () => {
    const order = placed();
    const { decideOrder, rows, reported } = arrange(order, 'declined');

    await decideOrder(orderPlaced(order));

    const reason = 'PAYMENT_DECLINED';
    expect(rows.orders.get(order.id)).toMatchObject({ status: 'rejected', rejectionReason: reason });
    expect(rows.events).toMatchObject([{ type: 'OrderRejected', orderId: order.id, reason }]);
    expect(reported).toEqual([['orderRejected', { orderId: order.id, reason, processingSeconds: 0.25 }]]);
  });

  it('ignores a redelivered event', async () => {
    const order = placed();
    const { decideOrder, rows, reported } = arrange(order);
    const event = orderPlaced(order);

    await decideOrder(event);
    rows.orders.set(order.id, order); // so that only the inbox detects the duplicate
    await decideOrder(event);

    expect(rows.orders.get(order.id)?.status).toBe('placed');
    expect([rows.events.length, reported.length]).toEqual([1, 1]);
  });

  it('does not change an order that another event has decided', async () => {
    const order = placed();
    const { decideOrder, rows, reported, deps } = arrange(order);
    await decideOrder(orderPlaced(order));

    const declining = { authorize: () => Promise.resolve('declined' as const) };
    await makeDecideOrder({ ...deps, payments: declining })(orderPlaced(order));

    expect(rows.orders.get(order.id)?.status).toBe('confirmed');
    expect([rows.events.length, reported.length]).toEqual([1, 1]);
  });

  it('has no effect and no error for an order that was deleted with its user', async () => {
    const { decideOrder, rows, reported, authorized } = arrange(undefined);

    await decideOrder(orderPlaced(placed()));

    expect([rows.events.length, reported.length, authorized.length]).toEqual([0, 0, 0]);
  });

  it('authorizes what the order costs, and rejects an event that says something else', async () => {
    const order = placed({ amountMinor: 9_999_999_999 });
    const { decideOrder, rows, authorized } = arrange(order);

    const forged = { ...orderPlaced(order), userId: randomUUID(), amountMinor: 1 };
    await expect(decideOrder(forged)).rejects.toMatchObject({ code: 'ORDER_EVENT_MISMATCH' });

    expect([rows.orders.get(order.id), rows.inbox.size, authorized]).toEqual([order, 0, []]);
  });

  it('does not decide an order that changes while its payment is authorized', async () => {
    const order = placed();
    const { decideOrder, rows, deps } = arrange(order);
    const changing = {
      authorize: () => {
        rows.orders.set(order.id, { ...order, amountMinor: 5000 });
        return Promise.resolve('approved' as const);
      },
    };

    await expect(makeDecideOrder({ ...deps, payments: changing })(orderPlaced(order))).rejects.toThrow('has changed');
    expect(rows.inbox.size).toBe(0);

    rows.orders.set(order.id, order);
    await decideOrder(orderPlaced(order));
    expect(rows.orders.get(order.id)?.status).toBe('confirmed');
  });

  it('writes nothing while the payment provider is down, and decides once it is available', async () => {
    const order = placed();
    const { decideOrder, rows, reported, deps } = arrange(order);
    const down = { authorize: () => Promise.reject(new Unavailable('PAYMENT_UNAVAILABLE', 'down')) };
    const event = orderPlaced(order);

    await expect(makeDecideOrder({ ...deps, payments: down })(event)).rejects.toMatchObject({
      code: 'PAYMENT_UNAVAILABLE',
    });
    expect([rows.events.length, reported.length, rows.inbox.size]).toEqual([0, 0, 0]);

    await decideOrder(event);
    expect(rows.orders.get(order.id)?.status).toBe('confirmed');
  });

  it('reports nothing when its transaction fails', async () => {
    const order = placed();
    const { rows, reported, deps, transact } = arrange(order);
    const decideOrder = makeDecideOrder({
      ...deps,
      transact: (work) =>
        transact(async (stores) => {
          await work(stores);
          throw new Error('the commit failed');
        }),
    });

    await expect(decideOrder(orderPlaced(order))).rejects.toThrow('the commit failed');
    expect([rows.events.length, reported.length, rows.inbox.size]).toEqual([0, 0, 0]);
  });

  it('reports no negative processing time when the clocks of two machines differ', async () => {
    const order = placed();
    const { decideOrder, reported } = arrange(order, 'approved', new Date(PLACED_AT.getTime() - 40));

    await decideOrder(orderPlaced(order));

    expect(reported).toEqual([['orderConfirmed', { orderId: order.id, processingSeconds: 0 }]]);
  });
});
