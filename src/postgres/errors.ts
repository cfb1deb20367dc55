// Maps errors of PostgreSQL and the network (SQLSTATE, socket codes, messages of pg) to the two errors that callers distinguish.
// https://www.postgresql.org/docs/current/errcodes-appendix.html

import pg from 'pg';

import { codeOf } from '../errors/coded-error.ts';
import { Unavailable } from '../errors/unavailable.ts';

/** Classes and codes: connection, authorization, insufficient resources, shutdown, no such database, a standby after a failover. */
const UNAVAILABLE = /^(?:08|28|53|57P|3D000|25006)/;
/** Statement cancelled, lock not available, transaction idle or open for too long. */
const TIMEOUT = /^(?:57014|55P03|25P03|25P04)/;
const SOCKET =
  /^(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH)$/;
/** These errors of pg have no code. */
const LOST_CONNECTION = /^(?:Connection terminated|Client (?:was closed|has encountered a connection error))/;
const READ_TIMEOUT = /^Query read timeout$/;
/** After these errors the connection is unusable. */
const FATAL = /^(?:08|57P|53|25P03|25P04)/;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '');

export const storeUnavailable = (cause: unknown): Unavailable =>
  new Unavailable('STORE_UNAVAILABLE', 'The database cannot be reached.', { cause });

const storeTimeout = (cause: unknown): Unavailable =>
  new Unavailable('STORE_TIMEOUT', 'The database did not respond in time.', { cause });

/** `Unavailable` for an error of the connection or the server, or a timeout, with that error as its cause; any other error unchanged. */
export const toStoreError = (error: unknown): unknown => {
  const code = codeOf(error) ?? '';
  if (TIMEOUT.test(code) || READ_TIMEOUT.test(messageOf(error))) return storeTimeout(error);
  const lost = UNAVAILABLE.test(code) || SOCKET.test(code) || LOST_CONNECTION.test(messageOf(error));
  return lost ? storeUnavailable(error) : error;
};

/** False when the server rejected a statement and is ready for the next one: only then can its connection be used again. */
export const endsConnection = (error: unknown): boolean =>
  !(error instanceof pg.DatabaseError) || FATAL.test(codeOf(error) ?? '');

/** The constraint of a unique violation (23505). */
export const violatedConstraint = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError && error.code === '23505' ? error.constraint : undefined;
