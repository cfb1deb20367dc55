import pg from 'pg';

import { toClientConfig, type ConnectionOptions } from './connection.ts';

export type PoolOptions = ConnectionOptions & {
  readonly max: number;
  /** Called when an idle connection fails. The pool has already removed it. */
  readonly onError: (error: Error) => void;
};

/** Connections are replaced after a while, so that a load balancer or a failover in front of the server takes effect. */
const MAX_LIFETIME_SECONDS = 1800;
const IDLE_TIMEOUT_MS = 30_000;

/** A pool in which every wait has a timeout: for a connection, a statement, a lock, and the next statement of a transaction. */
export const makePool = ({ max, onError, ...options }: PoolOptions): pg.Pool => {
  const pool = new pg.Pool({
    ...toClientConfig(options),
    max,
    maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
  });
  pool.on('error', onError);
  // A connection that fails while checked out also fails its statement, and so reports to the caller. Without a listener the event would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
};
