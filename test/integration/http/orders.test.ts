// What users do with orders, on real PostgreSQL and Redis; the worker's decision is made by its use case.

import { randomUUID } from 'node:crypto';

import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type pg from 'pg';

import type { Api } from '../../../src/http/api.ts';
import { orderSchema } from '../../../src/http/schemas/order.ts';
import { makeDecideOrder } from '../../../src/orders/decide-order.ts';
import { makeSandboxPayments } from '../../../src/payments/sandbox.ts';
import { makeTransact } from '../../../src/postgres/transact.ts';
import { makeFactRecorder } from '../../support/fakes/recorder.ts';
import { newUser, serviceHeaders, type TestUser } from '../../support/http/actors.ts';
import { makeTestApp } from '../../support/http/make-test-app.ts';
import { makeStoredRows } from '../../support/http/stored-rows.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { makeTestRedis } from '../../support/test-redis.ts';
import { appPool } from '../postgres/arrange.ts';

type Order = { readonly id: string; readonly status: string };

const LIMIT_MINOR = 5000;

let database: TestDatabase;
let pool: pg.Pool;
let rows: Awaited<ReturnType<typeof makeStoredRows>>;
let whole: Awaited<ReturnType<typeof makeTestApp>>;
let app: Api;
let ann: TestUser;
let bob: TestUser;

beforeAll(async () => {
  database = await makeTestDatabase();
  pool = appPool(database);
  rows = await makeStoredRows(database.adminUrl);
  whole = await makeTestApp({ database, redis: makeTestRedis() });
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

/** As the worker does it with the event of the order. */
const decide = ({ id: orderId }: Order, { id: userId }: TestUser, amountMinor: number): Promise<void> => {
  const payments = makeSandboxPayments({ limitMinor: LIMIT_MINOR, delayMs: 0, timeoutMs: 1000, down: false });
  const { telemetry } = makeFactRecorder();
  const decideOrder = makeDecideOrder({ transact: makeTransact(pool), payments, telemetry, now: () => new Date() });
  return decideOrder({ eventId: randomUUID(), orderId, userId, ...EUR(amountMinor) });
};

describe('placing an order', () => {
  it('is accepted, and says where it can be read', async () => {
    const answer = await place(ann, EUR(1999));

    const order = answer.json<Order>();
    expect(answer.statusCode).toBe(202);
    expect(order).toMatchObject({ status: 'placed', amountMinor: 1999, currency: 'EUR' });
    expect(answer.headers).toMatchObject({ location: `/api/v1/orders/${order.id}`, etag: '"1"' });
    const read = await get(ann, String(answer.headers.location));
    expect([read.statusCode, read.body]).toEqual([200, answer.body]);
  });

  it.each([
    [{ amountMinor: 0, currency: 'EURO' }, 'ORDER_INPUT_INVALID', ['/amountMinor', '/currency']],
    [{ amountMinor: 10_000_000_001, currency: 'EUR' }, 'ORDER_INPUT_INVALID', ['/amountMinor']],
    [{ amountMinor: 1e300, currency: 'eur' }, 'ORDER_INPUT_INVALID', ['/amountMinor', '/currency']],
    [{ amountMinor: '5', currency: 7, note: 'x' }, 'REQUEST_INVALID', ['/amountMinor', '/currency', '/note']],
    [{ amountMinor: 1.5, currency: 'EUR' }, 'REQUEST_INVALID', ['/amountMinor']],
    [{}, 'REQUEST_INVALID', ['/amountMinor', '/currency']],
  ])('%j is refused with all its places, and nothing is written', async (payload, code, pointers) => {
    const before = await rows.digest();

    const answer = await place(ann, payload);

    const problem = answer.json<{ code: string; errors: { pointer: string }[] }>();
    expect([answer.statusCode, problem.code]).toEqual([400, code]);
    expect(new Set(problem.errors.map(({ pointer }) => pointer))).toEqual(new Set(pointers));
    expect(await rows.digest()).toBe(before);
  });

  it('answers the same again for the same key, also when the order was decided since', async () => {
    const key = { 'idempotency-key': randomUUID() };

    const [first, second] = await Promise.all([place(ann, EUR(1), key), place(ann, EUR(1), key)]);
    await decide(first.json(), ann, 1);
    const third = await place(ann, EUR(1), key);

    for (const answer of [second, third]) {
      expect([answer.statusCode, answer.body]).toEqual([202, first.body]);
      expect(answer.headers.location).toBe(first.headers.location);
    }
  });

  it('writes one order for 30 calls at once with one key, to two processes', async () => {
    const other = await whole.serve();
    const key = { 'idempotency-key': randomUUID() };
    const call = {
      method: 'POST',
      url: '/api/v1/orders',
      payload: EUR(7),
      headers: { ...ann.headers, ...key },
    } as const;

    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => (n % 2 ? app : other).inject(call)));
    await other.close();

    expect(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1);
    expect(answers[0]?.statusCode).toBe(202);
  });

  it('takes the same key of another user for another order', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const first = await place(ann, EUR(1), key);

    const second = await place(bob, EUR(2), key);

    expect(second.statusCode).toBe(202);
    expect(second.json<Order>().id).not.toBe(first.json<Order>().id);
  });

  it('refuses the same key with another body', async () => {
    const key = { 'idempotency-key': randomUUID() };
    await place(ann, EUR(1), key);

    const answer = await place(ann, EUR(2), key);

    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });
});

describe('an order', () => {
  it.each([
    [LIMIT_MINOR, 'confirmed', undefined],
    [LIMIT_MINOR + 1, 'rejected', 'PAYMENT_DECLINED'],
  ])('of %i is %s, under a new ETag', async (amountMinor, status, rejectionReason) => {
    const placed = (await place(ann, EUR(amountMinor))).json<Order>();
    const path = `/api/v1/orders/${placed.id}`;
    expect((await get(ann, path, { 'if-none-match': '"1"' })).statusCode).toBe(304);

    await decide(placed, ann, amountMinor);

    const answer = await get(ann, path, { 'if-none-match': '"1"' });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers.etag).toBe('"2"');
    const order = answer.json<{ rejectionReason?: string }>();
    expect(order).toMatchObject({ ...placed, status, decidedAt: expect.any(String) as string });
    expect(order.rejectionReason).toBe(rejectionReason);
    expect([...Value.Errors(orderSchema, order)]).toEqual([]);
  });

  it('of somebody else answers exactly as a missing one', async () => {
    const { id } = (await place(ann, EUR(1))).json<Order>();

    const answers = await Promise.all(
      [id, randomUUID(), 'nobody', `${id}x`].map((one) => get(bob, `/api/v1/orders/${one}`)),
    );

    const withoutTrace = answers.map((answer) => ({ ...answer.json<object>(), traceId: '' }));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404, 404]);
    expect(new Set(withoutTrace.map((problem) => JSON.stringify(problem))).size).toBe(1);
  });

  it('goes with its user, and with it what its key is remembered by', async () => {
    const user = await newUser(app);
    await place(user, EUR(1), { 'idempotency-key': randomUUID() });

    await app.inject({ method: 'DELETE', url: user.path, headers: user.headers });

    const { rows: left } = await pool.query(
      'SELECT id::text FROM orders WHERE user_id = $1 UNION ALL SELECT key_hash::text FROM idempotency_keys WHERE user_id = $1',
      [user.id],
    );
    expect(left).toEqual([]);
  });
});

describe('the list of orders', () => {
  it('has one’s own alone, newest first, page by page', async () => {
    const user = await newUser(app);
    const placed: string[] = [];
    for (const amountMinor of [1, 2, 3, 4, 5]) placed.unshift((await place(user, EUR(amountMinor))).body);

    const listed: string[] = [];
    let url: string | undefined = '/api/v1/orders?limit=2';
    while (url !== undefined) {
      const answer = await get(user, url);
      expect(answer.statusCode).toBe(200);
      listed.push(...answer.json<{ items: object[] }>().items.map((item) => JSON.stringify(item)));
      url = /^<([^>]+)>; rel="next"$/.exec(String(answer.headers.link))?.[1];
    }

    expect(listed).toEqual(placed);
  });

  it('is empty for who has none', async () => {
    expect((await get(await newUser(app), '/api/v1/orders')).json()).toEqual({ items: [] });
  });

  it('refuses the cursor of another user, and that of another list', async () => {
    await place(ann, EUR(1));
    await place(ann, EUR(1));
    const ofAnn = (await get(ann, '/api/v1/orders?limit=1')).json<{ nextCursor: string }>().nextCursor;
    const users = await app.inject({ url: '/api/v1/users?limit=1', headers: await serviceHeaders(app) });
    const ofUsers = users.json<{ nextCursor: string }>().nextCursor;

    for (const cursor of [ofAnn, ofUsers, 'made-up', '']) {
      const answer = await get(bob, `/api/v1/orders?cursor=${cursor}`);
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({ code: 'ORDER_INPUT_INVALID', errors: [{ pointer: '/cursor' }] });
    }
  });
});
