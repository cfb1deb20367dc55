import { randomBytes, randomUUID } from 'node:crypto';

import type pg from 'pg';
import { describe, expect, it } from 'vitest';

import { makeDecideOrder } from '../../../src/orders/decide-order.ts';
import { orderPlaced } from '../../../src/orders/events.ts';
import type { Order } from '../../../src/orders/order.ts';
import type { OrderTelemetry, PaymentDecision } from '../../../src/orders/ports.ts';
import { makeIdempotencyStore } from '../../../src/postgres/idempotency/idempotency-store.ts';
import { makeOrderPlacementStore } from '../../../src/postgres/orders/order-placement-store.ts';
import { makeOrderReader } from '../../../src/postgres/orders/order-reader.ts';
import { makeFindOrder } from '../../../src/postgres/orders/order-store.ts';
import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import { makeTransact } from '../../../src/postgres/transact.ts';
import { makeTelemetryRecorder } from '../../support/fakes/telemetry.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { appPool, usePool } from '../../support/use-pool.ts';
import { anOrder, aRegistration } from './arrange.ts';

let database: TestDatabase;
let pool: pg.Pool;

usePool((made) => ({ database, pool } = made));

const newUser = async (): Promise<string> => {
  const registration = aRegistration();
  await makeRegistrationStore(pool).insert(registration);
  return registration.user.id;
};

const eventsOf = async (orderId: string) => {
  const { rows } = await pool.query<{ event_type: string; payload: Record<string, unknown> }>(
    'SELECT event_type, payload FROM outbox WHERE key = $1 ORDER BY id',
    [orderId],
  );
  return rows;
};

const erase = (userId: string) => makeTransact(pool)(({ users }) => users.erase(userId));

describe('the placement store', () => {
  const aPlacement = async () => {
    const order = anOrder({ userId: await newUser() });
    return { order, event: orderPlaced(order), keyHash: randomBytes(32) };
  };

  it('writes an order that its user reads unchanged', async () => {
    const { order, event } = await aPlacement();

    await makeOrderPlacementStore(pool).insert({ order, event });

    expect(await makeOrderReader(pool).find(order.userId, order.id)).toEqual(order);
  });

  it('writes the order, its event and the outcome of the request together', async () => {
    const { order, event, keyHash } = await aPlacement();

    await makeOrderPlacementStore(pool).insert({ order, event, keyHash });

    const { type, occurredAt, ...payload } = event;
    expect(await eventsOf(order.id)).toEqual([
      { event_type: type, payload: { ...payload, occurredAt: occurredAt.getTime() } },
    ]);
    expect(await makeIdempotencyStore(pool).find(keyHash)).toEqual({
      kind: 'done',
      outcome: { id: order.id, version: 1 },
    });
  });

  it('uses one statement on one connection', async () => {
    const { order, event, keyHash } = await aPlacement();
    const single = appPool(database, { max: 1 });
    const statements: unknown[] = [];
    single.on('connect', (client) => {
      const send = client.query.bind(client) as (...args: unknown[]) => unknown;
      Object.assign(client, {
        query: (...args: unknown[]) => {
          statements.push(args[0]);
          return send(...args);
        },
      });
    });

    await makeOrderPlacementStore(single).insert({ order, event, keyHash });
    await single.end();

    expect(statements).toEqual([expect.objectContaining({ name: 'place-order' })]);
  });

  it('writes nothing for the second request with a key', async () => {
    const { order, event, keyHash } = await aPlacement();
    const store = makeOrderPlacementStore(pool);
    await store.insert({ order, event, keyHash });
    const second = anOrder({ userId: order.userId });

    const late = store.insert({ order: second, event: orderPlaced(second), keyHash });

    await expect(late).rejects.toMatchObject({ name: 'IdempotencyError', code: 'IDEMPOTENCY_KEY_IN_USE' });
    expect(await makeOrderReader(pool).find(order.userId, second.id)).toBeUndefined();
    expect(await eventsOf(second.id)).toEqual([]);
  });

  it.each([true, false])('writes nothing for a user who was erased, with a key: %s', async (withKey) => {
    const { order, event, keyHash } = await aPlacement();
    await erase(order.userId);

    const late = makeOrderPlacementStore(pool).insert({ order, event, ...(withKey && { keyHash }) });

    await expect(late).rejects.toMatchObject({ name: 'UserError', code: 'USER_NOT_FOUND' });
    expect(await eventsOf(order.id)).toEqual([]);
  });

  it.each([{ amountMinor: 0 }, { currency: 'eur' }])('rejects %o by a constraint', async (change) => {
    const order = anOrder({ userId: await newUser(), ...change });

    const placed = makeOrderPlacementStore(pool).insert({ order, event: orderPlaced(order) });

    await expect(placed).rejects.toMatchObject({ code: '23514' });
  });

  it('keeps an amount beyond 32 bits exact', async () => {
    const order = anOrder({ userId: await newUser(), amountMinor: 9_999_999_999 });

    await makeOrderPlacementStore(pool).insert({ order, event: orderPlaced(order) });

    const found = await makeOrderReader(pool).find(order.userId, order.id);
    expect(found?.amountMinor).toBe(9_999_999_999);
  });
});

describe('deciding an order', () => {
  const decider = (answer: PaymentDecision) => {
    const { reported, telemetry } = makeTelemetryRecorder<OrderTelemetry>();
    const authorized: unknown[] = [];
    const decideOrder = makeDecideOrder({
      findOrder: makeFindOrder(pool),
      transact: makeTransact(pool),
      payments: {
        authorize: (payment) => {
          authorized.push(payment);
          return Promise.resolve(answer);
        },
      },
      telemetry,
      now: () => new Date(),
    });
    return { reported, authorized, decideOrder };
  };
  const placed = async (values: Partial<Order> = {}) => {
    const order = anOrder({ userId: await newUser(), ...values });
    const event = orderPlaced(order);
    await makeOrderPlacementStore(pool).insert({ order, event });
    return { order, event };
  };

  it.each([
    ['approved', 'confirmed', 'OrderConfirmed'],
    ['declined', 'rejected', 'OrderRejected'],
  ] as const)('%s writes the status and the event', async (answer, status, type) => {
    const { order, event } = await placed();

    await decider(answer).decideOrder(event);

    const found = await makeOrderReader(pool).find(order.userId, order.id);
    expect(found).toMatchObject({ status, decidedAt: expect.any(Date) as Date });
    expect((await eventsOf(order.id)).map(({ event_type }) => event_type)).toEqual(['OrderPlaced', type]);
  });

  it('has one effect for 20 concurrent deliveries of one event', async () => {
    const { order, event } = await placed();
    const { reported, decideOrder } = decider('approved');

    await Promise.all(Array.from({ length: 20 }, () => decideOrder(event)));

    expect(reported).toHaveLength(1);
    expect(await eventsOf(order.id)).toHaveLength(2);
  });

  it('has one effect when two events of one order are decided differently at the same time', async () => {
    const { order, event } = await placed();
    const [one, other] = [decider('approved'), decider('declined')];

    await Promise.all([one.decideOrder(event), other.decideOrder({ ...event, eventId: randomUUID() })]);

    expect([...one.reported, ...other.reported]).toHaveLength(1);
    expect(await eventsOf(order.id)).toHaveLength(2);
  });

  it.each([
    ['amount', { amountMinor: 1 }],
    ['currency', { currency: 'JPY' }],
    ['user', { userId: randomUUID() }],
  ])('has no effect for an event with another %s than its order, and asks for no payment', async (_, forged) => {
    const { order, event } = await placed({ amountMinor: 9_999_999_999 });
    const { reported, authorized, decideOrder } = decider('approved');

    await expect(decideOrder({ ...event, ...forged })).rejects.toMatchObject({ code: 'ORDER_EVENT_MISMATCH' });

    expect([reported, authorized]).toEqual([[], []]);
    expect(await makeOrderReader(pool).find(order.userId, order.id)).toEqual(order);
    expect(await eventsOf(order.id)).toHaveLength(1);

    await decideOrder(event);
    expect(authorized).toEqual([{ orderId: order.id, amountMinor: 9_999_999_999, currency: 'EUR' }]);
    expect(reported).toHaveLength(1);
  });

  it('has no effect and no error when the user has been erased', async () => {
    const { order, event } = await placed();
    const { reported, decideOrder } = decider('approved');
    await erase(order.userId);

    await decideOrder(event);

    expect(reported).toEqual([]);
    expect((await eventsOf(order.id)).map(({ event_type }) => event_type)).toEqual(['OrderPlaced']);
  });
});
