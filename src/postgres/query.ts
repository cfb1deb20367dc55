// The only place that sends statements to a connection that is in use, and so the only one that maps their errors.

import pg from 'pg';

import { endsConnection, storeUnavailable, toStoreError } from './errors.ts';

/** A name makes it a prepared statement: parsed once per connection. */
export type Statement = { readonly name?: string; readonly text: string; readonly values?: readonly unknown[] };

/** A pool, which gives each statement its own connection, or one connection. */
export type Queryable = pg.Pool | pg.ClientBase;

/** @throws Unavailable STORE_UNAVAILABLE whatever the reason: no statement was sent yet */
export const checkOut = async (pool: pg.Pool): Promise<pg.PoolClient> => {
  try {
    return await pool.connect();
  } catch (cause) {
    throw storeUnavailable(cause);
  }
};

/** Not `pool.query`, which closes the connection after every error, even a unique violation. */
const runOnPool = async <Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  statement: pg.QueryConfig,
): Promise<pg.QueryResult<Row>> => {
  const client = await checkOut(pool);
  try {
    const result = await client.query<Row>(statement);
    client.release();
    return result;
  } catch (error) {
    client.release(endsConnection(error) ? (error as Error) : undefined);
    throw error;
  }
};

/**
 * @throws Unavailable STORE_UNAVAILABLE | STORE_TIMEOUT
 * @throws pg.DatabaseError for every other error of the server
 */
export const query = async <Row extends pg.QueryResultRow = pg.QueryResultRow>(
  on: Queryable,
  statement: Statement,
): Promise<pg.QueryResult<Row>> => {
  try {
    const config = statement as pg.QueryConfig;
    return await (on instanceof pg.Pool ? runOnPool<Row>(on, config) : on.query<Row>(config));
  } catch (error) {
    throw toStoreError(error);
  }
};
