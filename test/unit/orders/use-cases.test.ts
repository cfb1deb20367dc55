import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import type { OrderTelemetry } from '../../../src/orders/ports.ts';
import { makeIdempotent } from '../../../src/idempotency/idempotent.ts';
import { makeListOrders } from '../../../src/orders/list-orders.ts';
import { makePlaceOrder } from '../../../src/orders/place-order.ts';
import { makeReadOrder } from '../../../src/orders/read-order.ts';
import { makeFakeOrderStores } from '../../support/fakes/order-stores.ts';
import { servicePrincipal, userPrincipal } from '../../support/fakes/principals.ts';
import { makeTelemetryRecorder } from '../../support/fakes/telemetry.ts';

const ANN = userPrincipal(randomUUID());
const BOB = userPrincipal(randomUUID());
const INPUT = { amountMinor: 1999, currency: 'EUR' };

const arrange = () => {
  const { rows, placements, idempotency, reader: orders } = makeFakeOrderStores();
  const { reported, telemetry } = makeTelemetryRecorder<OrderTelemetry>();
  let clock = Date.parse('2026-01-31T12:00:00Z');
  const now = (): Date => {
    clock += 1000;
    return new Date(clock);
  };
  const idempotent = makeIdempotent({ store: idempotency });
  const switches = { acceptOrders: true };
  const acceptsOrders = () => Promise.resolve(switches.acceptOrders);
  return {
    ...{ rows, reported, switches },
    placeOrder: makePlaceOrder({ placements, orders, idempotent, acceptsOrders, telemetry, now }),
    readOrder: makeReadOrder({ orders }),
    listOrders: makeListOrders({ orders }),
  };
};

describe('placeOrder', () => {
  it('stores the order with its event, and reports it', async () => {
    const { placeOrder, rows, reported } = arrange();

    const { id, representation } = await placeOrder(ANN, INPUT);

    expect(representation.version).toBe(1);
    expect(JSON.parse(representation.json)).toEqual({
      id,
      status: 'placed',
      amountMinor: 1999,
      currency: 'EUR',
      placedAt: '2026-01-31T12:00:01.000Z',
    });
    expect(rows.orders.get(id)).toMatchObject({ userId: ANN.subject, status: 'placed', decidedAt: undefined });
    expect(rows.events).toEqual([
      {
        type: 'OrderPlaced',
        eventId: expect.any(String) as string,
        occurredAt: new Date('2026-01-31T12:00:01Z'),
        orderId: id,
        userId: ANN.subject,
        ...INPUT,
      },
    ]);
    expect(reported).toEqual([['orderPlaced', { orderId: id, userId: ANN.subject }]]);
  });

  it('reports the faults of all fields at once, and writes nothing', async () => {
    const { placeOrder, rows, reported } = arrange();

    await expect(placeOrder(ANN, { amountMinor: 0, currency: 'EURO' })).rejects.toMatchObject({
      code: 'ORDER_INPUT_INVALID',
      faults: [{ pointer: '/amountMinor' }, { pointer: '/currency' }],
    });
    expect([rows.orders.size, rows.events.length, reported.length]).toEqual([0, 0, 0]);
  });

  it.each([1, 10_000_000_000])('accepts an amount of %d', async (amountMinor) => {
    await expect(arrange().placeOrder(ANN, { ...INPUT, amountMinor })).resolves.toBeDefined();
  });

  it.each([0, -1, 0.5, 10_000_000_001, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])(
    'rejects an amount of %d',
    async (amountMinor) => {
      await expect(arrange().placeOrder(ANN, { ...INPUT, amountMinor })).rejects.toMatchObject({
        faults: [{ pointer: '/amountMinor' }],
      });
    },
  );

  it.each(['', 'eur', 'EU', 'EURO', ' EUR', 'ABC', 'XXX', 'XAU', 'DEM', '€'])(
    'rejects the currency "%s"',
    async (currency) => {
      await expect(arrange().placeOrder(ANN, { ...INPUT, currency })).rejects.toMatchObject({
        faults: [{ pointer: '/currency' }],
      });
    },
  );

  it('returns the first result for a repeated call, and places one order', async () => {
    const { placeOrder, rows, reported } = arrange();
    const first = await placeOrder(ANN, INPUT, 'key-1');

    expect(await placeOrder(ANN, { currency: 'EUR', amountMinor: 1999 }, 'key-1')).toEqual(first);
    expect([rows.orders.size, rows.events.length, reported.length]).toEqual([1, 1, 1]);
  });

  it('returns the order as it was placed for a repeated call, after it was decided', async () => {
    const { placeOrder, rows } = arrange();
    const first = await placeOrder(ANN, INPUT, 'key-1');
    const order = rows.orders.get(first.id);
    if (order) rows.orders.set(first.id, { ...order, status: 'confirmed', decidedAt: new Date() });

    expect(await placeOrder(ANN, INPUT, 'key-1')).toEqual(first);
  });

  it('remembers the id and the version of the order, nothing else', async () => {
    const { placeOrder, rows } = arrange();
    const { id } = await placeOrder(ANN, INPUT, 'key-1');

    expect([...rows.outcomes.values()]).toEqual([{ kind: 'done', outcome: { id, version: 1 } }]);
  });

  it('returns the same result for 50 concurrent calls, and places one order', async () => {
    const { placeOrder, rows } = arrange();

    const results = await Promise.all(Array.from({ length: 50 }, () => placeOrder(ANN, INPUT, 'key-1')));

    expect(new Set(results.map(({ representation }) => representation.json)).size).toBe(1);
    expect([rows.orders.size, rows.events.length]).toEqual([1, 1]);
  });

  it.each([{ amountMinor: 2000 }, { currency: 'USD' }])('rejects the same key with another %o', async (change) => {
    const { placeOrder, rows } = arrange();
    await placeOrder(ANN, INPUT, 'key-1');

    await expect(placeOrder(ANN, { ...INPUT, ...change }, 'key-1')).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
    expect(rows.orders.size).toBe(1);
  });

  it('refuses new orders while they are paused, not the repeated call of an accepted one', async () => {
    const { placeOrder, rows, reported, switches } = arrange();
    const accepted = await placeOrder(ANN, INPUT, 'key-1');
    switches.acceptOrders = false;
    const paused = { code: 'ORDERS_PAUSED', retryAfterSeconds: 30 };

    await expect(placeOrder(ANN, INPUT)).rejects.toMatchObject(paused);
    await expect(placeOrder(ANN, INPUT, 'key-2')).rejects.toMatchObject(paused);
    expect(await placeOrder(ANN, INPUT, 'key-1')).toEqual(accepted);
    expect([rows.orders.size, rows.events.length, reported.length]).toEqual([1, 1, 1]);
    switches.acceptOrders = true;
    await expect(placeOrder(ANN, INPUT, 'key-2')).resolves.toBeDefined();
  });

  it('scopes keys per user', async () => {
    const { placeOrder } = arrange();
    const first = await placeOrder(ANN, INPUT, 'key-1');

    expect((await placeOrder(BOB, INPUT, 'key-1')).id).not.toBe(first.id);
    await expect(placeOrder(BOB, { ...INPUT, amountMinor: 1 }, 'key-2')).resolves.toBeDefined();
  });

  it('rejects an order of an erased user, and reports nothing', async () => {
    const { placeOrder, rows, reported } = arrange();
    rows.erasedUsers.add(ANN.subject);

    await expect(placeOrder(ANN, INPUT, 'key-1')).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
    expect([rows.outcomes.size, reported.length]).toEqual([0, 0]);
  });
});

describe('readOrder', () => {
  it('returns the caller’s own order', async () => {
    const { placeOrder, readOrder } = arrange();
    const { id, representation } = await placeOrder(ANN, INPUT);

    expect(await readOrder(ANN, id)).toEqual(representation);
  });

  it('throws the same error for the order of another user as for a missing one', async () => {
    const { placeOrder, readOrder } = arrange();
    const { id } = await placeOrder(ANN, INPUT);

    const [others, missing] = await Promise.all(
      [id, randomUUID()].map((one) => readOrder(BOB, one).catch((error: unknown) => error)),
    );

    expect(others).toMatchObject({ code: 'ORDER_NOT_FOUND' });
    expect(others).toEqual(missing);
  });
});

describe('listOrders', () => {
  it('pages through only the caller’s own orders, newest first, without gaps', async () => {
    const { placeOrder, listOrders } = arrange();
    const placed: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      placed.unshift((await placeOrder(ANN, INPUT)).representation.json);
      await placeOrder(BOB, INPUT);
    }

    const first = await listOrders(ANN, { limit: 3 });
    const second = await listOrders(ANN, {
      limit: 3,
      ...(first.nextCursor !== undefined && { cursor: first.nextCursor }),
    });

    expect([...first.orders, ...second.orders].map(({ json }) => json)).toEqual(placed);
    expect(second.nextCursor).toBeUndefined();
  });

  it('has no next page when the last page is full', async () => {
    const { placeOrder, listOrders } = arrange();
    await placeOrder(ANN, INPUT);

    expect(await listOrders(ANN, { limit: 1 })).not.toHaveProperty('nextCursor');
  });

  it('rejects the cursor of another user', async () => {
    const { placeOrder, listOrders } = arrange();
    await placeOrder(ANN, INPUT);
    await placeOrder(ANN, INPUT);
    const { nextCursor = '' } = await listOrders(ANN, { limit: 1 });

    await expect(listOrders(BOB, { limit: 1, cursor: nextCursor })).rejects.toMatchObject({
      code: 'ORDER_INPUT_INVALID',
      faults: [{ pointer: '/cursor' }],
    });
  });
});

describe('a service', () => {
  const service = servicePrincipal('users:read', 'users:list');

  it.each(['placeOrder', 'readOrder', 'listOrders'] as const)(
    'is rejected by %s, whatever its scopes',
    async (name) => {
      const { placeOrder, readOrder, listOrders } = arrange();
      const { id } = await placeOrder(ANN, INPUT);
      const calls = {
        placeOrder: () => placeOrder(service, INPUT),
        readOrder: () => readOrder(service, id),
        listOrders: () => listOrders(service, { limit: 1 }),
      };

      // eslint-disable-next-line security/detect-object-injection -- one of three names
      await expect(calls[name]()).rejects.toMatchObject({ code: 'ORDER_NEEDS_USER' });
    },
  );
});
