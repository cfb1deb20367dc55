// Orders over HTTP on real PostgreSQL and Redis; the use case of the worker decides them.

import { randomUUID } from 'node:crypto';

import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type pg from 'pg';

import type { OrderTelemetry } from '../../../src/orders/ports.ts';
import type { Api } from '../../../src/http/api.ts';
import { orderSchema } from '../../../src/http/schemas/order.ts';
import { makeDecideOrder } from '../../../src/orders/decide-order.ts';
import { makeSandboxPayments } from '../../../src/payments/sandbox.ts';
import { makeFindOrder } from '../../../src/postgres/orders/order-store.ts';
import { makeTransact } from '../../../src/postgres/transact.ts';
import { makeTelemetryRecorder } from '../../support/fakes/telemetry.ts';
import { newUser, reauthenticated, serviceHeaders, type TestUser } from '../../support/http/actors.ts';
import { makeTestApp } from '../../support/http/make-test-app.ts';
import { makeStoredRows } from '../../support/http/stored-rows.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { makeTestRedis } from '../../support/test-redis.ts';
import { appPool } from '../../support/use-pool.ts';

type Order = { readonly id: string; readonly status: string };

const LIMIT_MINOR = 5000;

let database: TestDatabase;
let pool: pg.Pool;
let rows: Awaited<ReturnType<typeof makeStoredRows>>;
let whole: Awaited<ReturnType<typeof makeTestApp>>;
let app: Api;
let acceptsOrders = true;
let ann: TestUser;
let bob: TestUser;

beforeAll(async () => {
  database = await makeTestDatabase();
  pool = appPool(database);
  rows = await makeStoredRows(database.adminUrl);
  whole = await makeTestApp({
    ...{ database, redis: makeTestRedis() },
    acceptsOrders: () => Promise.resolve(acceptsOrders),
  });
  app = await whole.serve();
  [ann, bob] = await Promise.all([newUser(app), newUser(app)]);
});

afterAll(async () => {
  await app.close();
  await whole.close();
  await rows.close();
  await pool.end();
  await database.drop();
});

const place = (user: TestUser, payload: object, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url: '/api/v1/orders', payload, headers: { ...user.headers, ...headers } });

const get = (user: TestUser, url: string, headers: Record<string, string> = {}) =>
  app.inject({ url, headers: { ...user.headers, ...headers } });

const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

/** Decides the order like the worker does after the event OrderPlaced. */
const decide = ({ id: orderId }: Order, { id: userId }: TestUser, amountMinor: number): Promise<void> => {
  const payments = makeSandboxPayments({
    limitMinor: () => Promise.resolve(LIMIT_MINOR),
    ...{ delayMs: 0, timeoutMs: 1000, down: false },
  });
  const { telemetry } = makeTelemetryRecorder<OrderTelemetry>();
  const decideOrder = makeDecideOrder({
    findOrder: makeFindOrder(pool),
    transact: makeTransact(pool),
    payments,
    telemetry,
    now: () => new Date(),
  });
  return decideOrder({ eventId: randomUUID(), orderId, userId, ...EUR(amountMinor) });
};

describe('placing an order', () => {
  it('responds with 202 and the Location of the order', async () => {
    const response = await place(ann, EUR(1999));

    const order = response.json<Order>();
    expect(response.statusCode).toBe(202);
    expect(order).toMatchObject({ status: 'placed', amountMinor: 1999, currency: 'EUR' });
    expect(response.headers).toMatchObject({ location: `/api/v1/orders/${order.id}`, etag: '"1"' });
    const read = await get(ann, String(response.headers.location));
    expect([read.statusCode, read.body]).toEqual([200, response.body]);
  });

  it.each([
    [{ amountMinor: 0, currency: 'EURO' }, 'ORDER_INPUT_INVALID', ['/amountMinor', '/currency']],
    [{ amountMinor: 10_000_000_001, currency: 'EUR' }, 'ORDER_INPUT_INVALID', ['/amountMinor']],
    [{ amountMinor: 1e300, currency: 'eur' }, 'ORDER_INPUT_INVALID', ['/amountMinor', '/currency']],
    [{ amountMinor: '5', currency: 7, note: 'x' }, 'REQUEST_INVALID', ['/amountMinor', '/currency', '/note']],
    [{ amountMinor: 1.5, currency: 'EUR' }, 'REQUEST_INVALID', ['/amountMinor']],
    [{}, 'REQUEST_INVALID', ['/amountMinor', '/currency']],
  ])('%j is rejected with every invalid field, and nothing is written', async (payload, code, pointers) => {
    const before = await rows.digest();

    const response = await place(ann, payload);

    const problem = response.json<{ code: string; errors: { pointer: string }[] }>();
    expect([response.statusCode, problem.code]).toEqual([400, code]);
    expect(new Set(problem.errors.map(({ pointer }) => pointer))).toEqual(new Set(pointers));
    expect(await rows.digest()).toBe(before);
  });

  it('is refused with 503 while orders are paused; reading and the retry of an accepted order are not', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const accepted = await place(ann, EUR(1), key);
    const before = await rows.digest();
    acceptsOrders = false;

    const refused = await place(ann, EUR(1), { 'idempotency-key': randomUUID() });
    const [retried, read] = await Promise.all([place(ann, EUR(1), key), get(ann, String(accepted.headers.location))]);
    acceptsOrders = true;

    expect(refused.statusCode).toBe(503);
    expect(refused.headers).toMatchObject({
      'retry-after': '30',
      'content-type': 'application/problem+json; charset=utf-8',
    });
    expect(refused.json()).toMatchObject({ type: '/problems/orders-paused', code: 'ORDERS_PAUSED' });
    expect([retried.statusCode, retried.body, read.statusCode]).toEqual([202, accepted.body, 200]);
    expect(await rows.digest()).toBe(before);
  });

  it('responds in the same way to the same key, even after the order was decided', async () => {
    const key = { 'idempotency-key': randomUUID() };

    const [first, second] = await Promise.all([place(ann, EUR(1), key), place(ann, EUR(1), key)]);
    await decide(first.json(), ann, 1);
    const third = await place(ann, EUR(1), key);

    for (const response of [second, third]) {
      expect([response.statusCode, response.body]).toEqual([202, first.body]);
      expect(response.headers.location).toBe(first.headers.location);
    }
  });

  it('writes one order for 30 concurrent calls with one key to two processes', async () => {
    const other = await whole.serve();
    const key = { 'idempotency-key': randomUUID() };
    const call = {
      method: 'POST',
      url: '/api/v1/orders',
      payload: EUR(7),
      headers: { ...ann.headers, ...key },
    } as const;

    const responses = await Promise.all(Array.from({ length: 30 }, (_, n) => (n % 2 ? app : other).inject(call)));
    await other.close();

    expect(new Set(responses.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1);
    expect(responses[0]?.statusCode).toBe(202);
  });

  it('places another order for the same key of another user', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const first = await place(ann, EUR(1), key);

    const second = await place(bob, EUR(2), key);

    expect(second.statusCode).toBe(202);
    expect(second.json<Order>().id).not.toBe(first.json<Order>().id);
  });

  it('rejects the same key with another body', async () => {
    const key = { 'idempotency-key': randomUUID() };
    await place(ann, EUR(1), key);

    const response = await place(ann, EUR(2), key);

    expect(response.statusCode).toBe(422);
    expect(response.json()).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });
});

describe('an order', () => {
  it.each([
    [LIMIT_MINOR, 'confirmed', undefined],
    [LIMIT_MINOR + 1, 'rejected', 'PAYMENT_DECLINED'],
  ])('of %i is %s, with a new ETag', async (amountMinor, status, rejectionReason) => {
    const placed = (await place(ann, EUR(amountMinor))).json<Order>();
    const path = `/api/v1/orders/${placed.id}`;
    expect((await get(ann, path, { 'if-none-match': '"1"' })).statusCode).toBe(304);

    await decide(placed, ann, amountMinor);

    const response = await get(ann, path, { 'if-none-match': '"1"' });
    expect(response.statusCode).toBe(200);
    expect(response.headers.etag).toBe('"2"');
    const order = response.json<{ rejectionReason?: string }>();
    expect(order).toMatchObject({ ...placed, status, decidedAt: expect.any(String) as string });
    expect(order.rejectionReason).toBe(rejectionReason);
    expect([...Value.Errors(orderSchema, order)]).toEqual([]);
  });

  it('of another user gets the same response as a missing one', async () => {
    const { id } = (await place(ann, EUR(1))).json<Order>();

    const responses = await Promise.all(
      [id, randomUUID(), 'unknown', `${id}x`].map((one) => get(bob, `/api/v1/orders/${one}`)),
    );

    const withoutTrace = responses.map((response) => ({ ...response.json<object>(), traceId: '' }));
    expect(responses.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404, 404]);
    expect(new Set(withoutTrace.map((problem) => JSON.stringify(problem))).size).toBe(1);
  });

  it('is deleted with its user, together with its idempotency record', async () => {
    const user = await newUser(app);
    await place(user, EUR(1), { 'idempotency-key': randomUUID() });

    await app.inject({ method: 'DELETE', url: user.path, headers: await reauthenticated(app, user) });

    const { rows: remaining } = await pool.query(
      'SELECT id::text FROM orders WHERE user_id = $1 UNION ALL SELECT key_hash::text FROM idempotency_keys WHERE user_id = $1',
      [user.id],
    );
    expect(remaining).toEqual([]);
  });
});

describe('the list of orders', () => {
  it('contains only the caller’s own orders, newest first, in pages', async () => {
    const user = await newUser(app);
    const placed: string[] = [];
    for (const amountMinor of [1, 2, 3, 4, 5]) placed.unshift((await place(user, EUR(amountMinor))).body);

    const listed: string[] = [];
    let url: string | undefined = '/api/v1/orders?limit=2';
    while (url !== undefined) {
      const response = await get(user, url);
      expect(response.statusCode).toBe(200);
      listed.push(...response.json<{ items: object[] }>().items.map((item) => JSON.stringify(item)));
      url = /^<([^>]+)>; rel="next"$/.exec(String(response.headers.link))?.[1];
    }

    expect(listed).toEqual(placed);
  });

  it('is empty for a user without orders', async () => {
    expect((await get(await newUser(app), '/api/v1/orders')).json()).toEqual({ items: [] });
  });

  it('rejects the cursor of another user, and that of another list', async () => {
    await place(ann, EUR(1));
    await place(ann, EUR(1));
    const ofAnn = (await get(ann, '/api/v1/orders?limit=1')).json<{ nextCursor: string }>().nextCursor;
    const users = await app.inject({ url: '/api/v1/users?limit=1', headers: await serviceHeaders(app) });
    const ofUsers = users.json<{ nextCursor: string }>().nextCursor;

    for (const cursor of [ofAnn, ofUsers, 'made-up', '']) {
      const response = await get(bob, `/api/v1/orders?cursor=${cursor}`);
      expect(response.statusCode).toBe(400);
      expect(response.json()).toMatchObject({ code: 'ORDER_INPUT_INVALID', errors: [{ pointer: '/cursor' }] });
    }
  });
});
