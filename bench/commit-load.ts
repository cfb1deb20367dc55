// Orders that are written as POST /orders writes them, with three ways to notify the relay: the service's, none, and the trigger of migration 0008.

import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { newUuid } from '../src/uuid/uuid.ts';
import pg from 'pg';
import { orderPlaced } from '../src/orders/events.ts';
import type { OrderPlacement } from '../src/orders/ports.ts';
import { makeOrderPlacementStore } from '../src/postgres/orders/order-placement-store.ts';
import { makeOutboxNotifier } from '../src/postgres/outbox/outbox-notifier.ts';
import { makePool, type ServicePool } from '../src/postgres/pool.ts';
import type { EventDependencies } from './event-dependencies.ts';

const noop = (): void => undefined;

export const WAYS = ['after the commit', 'none', 'none, again', 'in the transaction'] as const;
/** `none, again` is the calibrator. */
export type Way = (typeof WAYS)[number];

const ADD_USERS = `
  INSERT INTO users (id, username, name, email)
  SELECT id, 'u' || id, 'Ann', id || '@example.com'
  FROM unnest($1::uuid[]) AS id`;

export const asAdmin = async (sql: string, { admin }: Pick<EventDependencies, 'admin'>, values?: unknown[]) => {
  const client = new pg.Client(admin);
  await client.connect();
  await client.query(sql, values).finally(() => client.end());
};

/** One user per client: orders of one user lock the same row. */
export const addUsers = async (parts: EventDependencies, count: number): Promise<string[]> => {
  const ids = Array.from({ length: count }, () => newUuid(new Date()));
  await asAdmin(ADD_USERS, parts, [ids]);
  return ids;
};

export const newPlacement = (userId: string): OrderPlacement => {
  const placedAt = new Date();
  const order = {
    ...{ id: newUuid(placedAt), userId, amountMinor: 1999, currency: 'EUR', status: 'placed' as const, placedAt },
    ...{ decidedAt: undefined, rejectionReason: undefined },
  };
  return { order, event: orderPlaced(order) };
};

/** What migration 0013 drops, as its down migration creates it. */
const createTrigger = async (parts: EventDependencies): Promise<void> => {
  const file = await readFile('migrations/0013_drop-outbox-trigger.sql', 'utf8');
  await asAdmin(file.split('-- Down Migration')[1] ?? '', parts);
};
const dropTrigger = (parts: EventDependencies) => asAdmin('DROP FUNCTION IF EXISTS notify_outbox CASCADE', parts);

/** Runs `work` with a pool of `max` open connections whose commits are announced in this way. */
export const withWay = async <T>(
  way: Way,
  { parts, max }: { parts: EventDependencies; max: number },
  work: (pool: ServicePool) => Promise<T>,
): Promise<T> => {
  await asAdmin('TRUNCATE outbox, orders', parts);
  if (way === 'in the transaction') await createTrigger(parts);
  const { connection } = parts;
  const pool = makePool({ ...connection, lockTimeoutMs: 500, statementTimeoutMs: 1000, max, onError: noop });
  const notifier =
    way === 'after the commit'
      ? makeOutboxNotifier({ pool, connection, onFailure: noop, onRecovery: noop })
      : { close: () => Promise.resolve() };
  const clients = await Promise.all(Array.from({ length: max }, () => pool.connect()));
  for (const client of clients) client.release();
  return work(pool).finally(async () => {
    await notifier.close();
    await pool.end();
    await dropTrigger(parts);
  });
};

/** Commits per second of one client per user, each with one order after the other. A refused order counts as failed. */
export const commitsPerSecond = async (pool: ServicePool, users: readonly string[], seconds: number) => {
  const store = makeOrderPlacementStore(pool);
  const endAt = performance.now() + seconds * 1000;
  let committed = 0;
  const client = async (user: string): Promise<void> => {
    while (performance.now() < endAt) {
      await store.insert(newPlacement(user)).then(() => (committed += 1), noop);
    }
  };
  await Promise.all(users.map(client));
  return committed / seconds;
};

/** Milliseconds of each order at a constant rate, and the number of those that were refused. */
export const latencies = async (
  { users, perSecond, seconds }: { users: readonly string[]; perSecond: number; seconds: number },
  place: (placement: OrderPlacement) => Promise<void>,
) => {
  const ms: number[] = [];
  const running: Promise<unknown>[] = [];
  const [count, startedAt] = [perSecond * seconds, performance.now()];
  let refused = 0;
  for (let n = 0; n < count; n += 1) {
    await pause(Math.max(0, startedAt + (n * 1000) / perSecond - performance.now()));
    const sentAt = performance.now();
    const done = place(newPlacement(users[n % users.length] ?? ''));
    running.push(
      done.then(
        () => ms.push(performance.now() - sentAt),
        () => (refused += 1),
      ),
    );
  }
  await Promise.all(running);
  return { ms, refused };
};
