import { randomUUID } from 'node:crypto';

import type pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';

import { orderPlaced } from '../../../src/orders/events.ts';
import type { Order } from '../../../src/orders/order.ts';
import type { Position } from '../../../src/paging/cursor.ts';
import { makeOrderPlacementStore } from '../../../src/postgres/orders/order-placement-store.ts';
import { makeOrderReader } from '../../../src/postgres/orders/order-reader.ts';
import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { appPool, usePool } from '../../support/use-pool.ts';
import { anOrder, aRegistration } from './arrange.ts';

let database: TestDatabase;
let pool: pg.Pool;
const ann = aRegistration();
const bob = aRegistration();
const orders: Order[] = [];

usePool((made) => ({ database, pool } = made));
beforeAll(async () => {
  for (const registration of [ann, bob]) await makeRegistrationStore(pool).insert(registration);
  for (const second of [0, 0, 0, 0, 0, 1, 2, 2, 2]) {
    for (const { user } of [ann, bob]) {
      const order = anOrder({ userId: user.id, placedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, second, 500)) });
      await makeOrderPlacementStore(pool).insert({ order, event: orderPlaced(order) });
      if (user === ann.user) orders.push(order);
    }
  }
  orders.sort((a, b) => b.placedAt.getTime() - a.placedAt.getTime() || (a.id < b.id ? 1 : -1));
});

const readAll = async (limit: number): Promise<Order[]> => {
  const reader = makeOrderReader(pool);
  const all: Order[] = [];
  for (let after: Position | undefined; ;) {
    const page = await reader.list(ann.user.id, { limit, ...(after && { after }) });
    all.push(...page);
    const last = page.at(-1);
    after = last && { at: last.placedAt, id: last.id };
    if (page.length < limit) return all;
  }
};

describe('the order reader', () => {
  it('lists the orders of one user, the newest first, with the id between orders of the same time', async () => {
    expect(await makeOrderReader(pool).list(ann.user.id, { limit: 100 })).toEqual(orders);
  });

  it.each([1, 2, 3, 4, 8])('returns each order once in pages of %i', async (limit) => {
    expect(await readAll(limit)).toEqual(orders);
  });

  it('finds an order only for its user', async () => {
    const [order] = orders;
    const reader = makeOrderReader(pool);

    expect(await reader.find(ann.user.id, order?.id ?? '')).toEqual(order);
    expect(await reader.find(bob.user.id, order?.id ?? '')).toBeUndefined();
    expect(await reader.find(ann.user.id, randomUUID())).toBeUndefined();
  });

  it('reads the next page from its index, without sorting', async () => {
    const single = appPool(database, { max: 1 });
    await makeOrderReader(single).list(ann.user.id, { limit: 1, after: { at: new Date(), id: randomUUID() } });
    await single.query('SET enable_sort = off'); // the table is too small for its index to pay
    await single.query('SET enable_seqscan = off');

    const { rows } = await single.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN EXECUTE "list-orders-after" ('${ann.user.id}', 10, now(), '${randomUUID()}')`,
    );
    await single.end();

    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('Index Scan using orders_user_id_placed_at_id_idx');
    expect(plan).not.toContain('Sort');
  });
});
