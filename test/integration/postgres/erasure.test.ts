// A user with more orders than one statement can delete: gone at once for every reader, the rest in pieces.

import type pg from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';

import { orderPlaced } from '../../../src/orders/events.ts';
import { makeCredentialReader } from '../../../src/postgres/auth/credential-reader.ts';
import { makeOrderPlacementStore } from '../../../src/postgres/orders/order-placement-store.ts';
import { makeOrderReader } from '../../../src/postgres/orders/order-reader.ts';
import { makeTransact } from '../../../src/postgres/transact.ts';
import { makeErasureStore } from '../../../src/postgres/users/erasure-store.ts';
import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import { makeUserDirectory } from '../../../src/postgres/users/user-directory.ts';
import { makeUserReader } from '../../../src/postgres/users/user-reader.ts';
import type { User } from '../../../src/users/user.ts';
import { makeFinishErasures } from '../../../src/users/finish-erasures.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { usePool } from '../../support/use-pool.ts';
import { anOrder, aRegistration, asAdmin, aUser, PHC } from './arrange.ts';
import { userRegistered } from '../../../src/users/events.ts';

let database: TestDatabase;
let pool: pg.Pool;
usePool((made) => ({ database, pool } = made));

const ORDERS = `
  INSERT INTO orders (id, user_id, amount_minor, currency, status, placed_at)
  SELECT gen_random_uuid(), $1, 100, 'EUR', 'placed', now() - i * interval '1 second' FROM generate_series(1, $2) AS i`;

const userWithOrders = async (count: number): Promise<User> => {
  const registration = aRegistration();
  await makeRegistrationStore(pool).insert(registration);
  await asAdmin(database, (admin) => admin.query(ORDERS, [registration.user.id, count]));
  return registration.user;
};

const erase = (id: string) => makeTransact(pool)(({ users }) => users.erase(id));
const finishErasures = () =>
  makeFinishErasures({ erasures: makeErasureStore(pool), elapsedMs: () => performance.now() });
const rowsOf = async (id: string) => {
  const { rows } = await pool.query<{ users: number; orders: number }>(
    `SELECT (SELECT count(*)::int FROM users WHERE id = $1) AS users,
      (SELECT count(*)::int FROM orders WHERE user_id = $1) AS orders`,
    [id],
  );
  return rows[0];
};

beforeEach(async () => {
  await asAdmin(database, (admin) => admin.query('DELETE FROM users'));
});

describe('an erasure that has begun', () => {
  it('is over for all readers and writers, and no personal data is left', async () => {
    const user = await userWithOrders(2);
    const order = anOrder({ userId: user.id });
    await makeOrderPlacementStore(pool).insert({ order, event: orderPlaced(order) });

    expect([await erase(user.id), await erase(user.id)]).toEqual([true, false]);

    expect(await makeUserReader(pool).findRepresentation(user.id)).toBeUndefined();
    expect(await makeUserDirectory(pool).list({ limit: 10 })).toEqual([]);
    const after = { at: new Date(4e12), id: user.id };
    expect(await makeUserDirectory(pool).list({ limit: 10, after })).toEqual([]);
    expect(await makeTransact(pool)(({ users }) => users.findForUpdate(user.id))).toBeUndefined();
    for (const login of [user.username, user.email, `erased:${user.id}`])
      expect(await makeCredentialReader(pool).findByLogin(login)).toBeUndefined();
    expect(await makeOrderReader(pool).find(user.id, order.id)).toBeUndefined();
    expect(await makeOrderReader(pool).list(user.id, { limit: 10 })).toEqual([]);
    expect(await makeOrderReader(pool).list(user.id, { limit: 10, after })).toEqual([]);
    const late = anOrder({ userId: user.id });
    await expect(makeOrderPlacementStore(pool).insert({ order: late, event: orderPlaced(late) })).rejects.toMatchObject(
      { code: 'USER_NOT_FOUND' },
    );
    const { rows } = await pool.query<{ row: string }>('SELECT users::text AS row FROM users');
    expect(rows[0]?.row).not.toContain(user.username);
    expect(rows[0]?.row).not.toContain(user.name);
    expect(await rowsOf(user.id)).toEqual({ users: 1, orders: 3 });
  });

  it('frees the user name and the e-mail address at once', async () => {
    const { id, username, email } = await userWithOrders(1);
    await erase(id);
    const next = aUser({ username, email });

    await expect(
      makeRegistrationStore(pool).insert({ user: next, passwordHash: PHC, event: userRegistered(next) }),
    ).resolves.toBeUndefined();
  });

  it('makes an order that is being placed wait, and refuses it', async () => {
    const user = await userWithOrders(0);
    const order = anOrder({ userId: user.id });

    const placed = await makeTransact(pool)(async ({ users }) => {
      await users.erase(user.id);
      return [makeOrderPlacementStore(pool).insert({ order, event: orderPlaced(order) })];
    });

    await expect(placed[0]).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
    expect(await rowsOf(user.id)).toEqual({ users: 1, orders: 0 });
  });
});

describe('the rest of an erasure', () => {
  it('of 100,000 orders is deleted in short statements, however often it is interrupted', async () => {
    const user = await userWithOrders(100_000);
    const other = await userWithOrders(3);
    await erase(user.id);
    const left: (number | undefined)[] = [];

    do {
      await finishErasures().all({ budgetMs: 50 });
      left.push((await rowsOf(user.id))?.orders);
    } while (left.at(-1) !== 0 && left.length < 200);
    await finishErasures().all({ budgetMs: 1000 });

    expect(left.length).toBeGreaterThan(2);
    expect(await rowsOf(user.id)).toEqual({ users: 0, orders: 0 });
    expect(await rowsOf(other.id)).toEqual({ users: 1, orders: 3 });
  });

  it('is shared by processes, and an order that is locked is deleted later', async () => {
    const user = await userWithOrders(20_000);
    await erase(user.id);

    await asAdmin(database, async (worker) => {
      await worker.query('BEGIN');
      await worker.query('SELECT id FROM orders WHERE user_id = $1 ORDER BY placed_at LIMIT 1 FOR UPDATE', [user.id]);
      const budgetMs = 10_000;
      await Promise.all([finishErasures().all({ budgetMs }), finishErasures().all({ budgetMs })]);
      expect(await rowsOf(user.id)).toEqual({ users: 1, orders: 1 });
    });
    await finishErasures().all({ budgetMs: 1000 });

    expect(await rowsOf(user.id)).toEqual({ users: 0, orders: 0 });
  });
});
