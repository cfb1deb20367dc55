import pg from 'pg';

import { toClientConfig, type ConnectionOptions } from './connection.ts';

export type PoolOptions = ConnectionOptions & {
  readonly max: number;
  /** Told when a connection dies while nobody uses it. The pool has dropped it already. */
  readonly onError: (error: Error) => void;
};

/** Connections leave after a while, so that a load balancer or a failover in front of the server takes effect. */
const MAX_LIFETIME_SECONDS = 1800;
const IDLE_TIMEOUT_MS = 30_000;

/** A pool in which nothing waits for ever: not for a connection, a statement, a lock or the next statement of a transaction. */
export const makePool = ({ max, onError, ...options }: PoolOptions): pg.Pool => {
  const pool = new pg.Pool({
    ...toClientConfig(options),
    max,
    maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
  });
  pool.on('error', onError);
  // A connection lost while checked out also fails the statement, which tells the caller; without a listener it would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
};
