// A transaction is the scope of a closure: `transact(async ({ users }) => …)`. No caller passes a connection.

import type { Pool, PoolClient } from 'pg';

import type { AuthStores } from '../auth/ports.ts';
import { Unavailable } from '../errors/unavailable.ts';
import type { OrderStore } from '../orders/ports.ts';
import type { UserStore } from '../users/ports.ts';
import { makeCredentialStore } from './auth/credential-store.ts';
import { endsConnection } from './errors.ts';
import { makeInboxStore, type Inbox } from './outbox/inbox-store.ts';
import { makeOrderStore } from './orders/order-store.ts';
import { announceOutboxWritten, makeOutboxWriter, type OutboxWriter } from './outbox/outbox-writer.ts';
import { checkOut, query } from './query.ts';
import { makeSessionStore } from './auth/session-store.ts';
import { makeUserStore } from './users/user-store.ts';

export type Stores = AuthStores & {
  readonly users: UserStore;
  readonly orders: OrderStore;
  readonly inbox: Inbox;
  readonly outbox: OutboxWriter;
};

export type Transact = <T>(work: (stores: Stores) => Promise<T>) => Promise<T>;

const storesOn = (client: PoolClient, onOutboxWritten: () => void): Stores => ({
  users: makeUserStore(client),
  credentials: makeCredentialStore(client),
  sessions: makeSessionStore(client),
  orders: makeOrderStore(client),
  inbox: makeInboxStore(client),
  outbox: makeOutboxWriter(client, onOutboxWritten),
});

const commit = async (client: PoolClient): Promise<void> => {
  const { command } = await query(client, { text: 'COMMIT' });
  // the server replies ROLLBACK, without an error, when the work continued after one of its statements had failed
  if (command !== 'COMMIT') throw new Error('The transaction was rolled back: one of its statements had failed.');
};

/** The error of the connection or the server, when it ends the connection. */
const connectionFault = (error: unknown): Error | undefined =>
  error instanceof Unavailable && error.cause instanceof Error && endsConnection(error.cause) ? error.cause : undefined;

/** Returns the connection to the pool, or closes it when its state is unknown. Never throws: the caller rethrows the first error. */
const abandon = async (client: PoolClient, reason: unknown): Promise<void> => {
  const fault = connectionFault(reason);
  if (fault !== undefined) {
    client.release(fault);
    return;
  }
  const rolledBack = await query(client, { text: 'ROLLBACK' }).then(
    () => true,
    () => false,
  );
  client.release(!rolledBack);
};

/**
 * Commits when `work` resolves, and then announces the events that it wrote. Rolls back when it rejects, and rejects with the same error.
 * @throws Unavailable STORE_UNAVAILABLE | STORE_TIMEOUT
 */
export const makeTransact =
  (pool: Pool): Transact =>
  async (work) => {
    const client = await checkOut(pool);
    const outbox = { isWritten: false };
    const stores = storesOn(client, () => {
      outbox.isWritten = true;
    });
    try {
      await query(client, { text: 'BEGIN' });
      const result = await work(stores);
      await commit(client);
      client.release();
      if (outbox.isWritten) announceOutboxWritten(pool);
      return result;
    } catch (error) {
      await abandon(client, error);
      throw error;
    }
  };
