// In-memory stores of orders with the rules of the real ones: an order requires an existing user, the inbox records an event once, and a failed
// transaction is rolled back.

import { IdempotencyError } from '../../../src/idempotency/errors.ts';
import type { IdempotencyStore, StoredCall } from '../../../src/idempotency/ports.ts';
import type { OrderEvent } from '../../../src/orders/events.ts';
import type { Order } from '../../../src/orders/order.ts';
import type { FindOrder, OrderPlacementStore, OrderReader, OrderTransact } from '../../../src/orders/ports.ts';
import { UserError } from '../../../src/users/errors.ts';

const rank = (order: { placedAt: Date; id: string }): string => `${order.placedAt.toISOString()} ${order.id}`;

export const makeFakeOrderStores = () => {
  const rows = {
    orders: new Map<string, Order>(),
    events: [] as OrderEvent[],
    inbox: new Set<string>(),
    outcomes: new Map<string, StoredCall>(),
    erasedUsers: new Set<string>(),
  };
  const { orders, outcomes } = rows;

  const placements: OrderPlacementStore = {
    insert: ({ order, event, keyHash }) => {
      const key = keyHash?.toString('hex');
      if (key !== undefined && outcomes.has(key)) throw new IdempotencyError('IDEMPOTENCY_KEY_IN_USE', 'in use');
      if (rows.erasedUsers.has(order.userId)) throw new UserError('USER_NOT_FOUND', 'no such user');
      orders.set(order.id, order);
      rows.events.push(event);
      if (key !== undefined) outcomes.set(key, { kind: 'done', outcome: { id: order.id, version: 1 } });
      return Promise.resolve();
    },
  };

  const idempotency: IdempotencyStore = {
    find: (keyHash) => Promise.resolve(outcomes.get(keyHash.toString('hex'))),
    close: () => Promise.reject(new Error('orders have no secret')),
  };

  const reader: OrderReader = {
    find: (userId, id) => {
      const order = orders.get(id);
      return Promise.resolve(order?.userId === userId ? order : undefined);
    },
    list: (userId, { limit, after }) => {
      const own = [...orders.values()].filter((order) => order.userId === userId);
      const newestFirst = own.toSorted((a, b) => (rank(a) < rank(b) ? 1 : -1));
      const rest =
        after === undefined
          ? newestFirst
          : newestFirst.filter((order) => rank(order) < rank({ placedAt: after.at, id: after.id }));
      return Promise.resolve(rest.slice(0, limit));
    },
  };

  const findOrder: FindOrder = (id) => Promise.resolve(orders.get(id));

  const transact: OrderTransact = async (work) => {
    const written: (() => void)[] = [];
    const result = await work({
      orders: {
        findForUpdate: (id) => Promise.resolve(orders.get(id)),
        decide: (order) => {
          written.push(() => orders.set(order.id, order));
          return Promise.resolve();
        },
      },
      inbox: {
        add: (consumer, eventId) => {
          const name = `${consumer} ${eventId}`;
          written.push(() => rows.inbox.add(name));
          return Promise.resolve(!rows.inbox.has(name));
        },
      },
      outbox: {
        add: (event) => {
          written.push(() => rows.events.push(event));
          return Promise.resolve();
        },
      },
    });
    for (const write of written) write();
    return result;
  };

  return { rows, placements, idempotency, reader, findOrder, transact };
};
