// What PostgreSQL and the network say (SQLSTATE, socket codes, the messages of pg) as the two faults that callers tell apart.
// https://www.postgresql.org/docs/current/errcodes-appendix.html

import pg from 'pg';

import { Unavailable } from '../errors/unavailable.ts';

/** Classes and codes: connection, authorization, no resources, shut down, no such database, a standby after a failover. */
const UNAVAILABLE = /^(?:08|28|53|57P|3D000|25006)/;
/** Statement cancelled, lock not available, transaction idle or open too long. */
const TIMEOUT = /^(?:57014|55P03|25P03|25P04)/;
const SOCKET =
  /^(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH)$/;
/** pg gives these no code. */
const LOST_CONNECTION = /^(?:Connection terminated|Client (?:was closed|has encountered a connection error))/;
const NO_ANSWER = /^Query read timeout$/;
/** These end the connection they are reported on. */
const FATAL = /^(?:08|57P|53|25P03|25P04)/;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '');

export const storeUnavailable = (cause: unknown): Unavailable =>
  new Unavailable('STORE_UNAVAILABLE', 'The database can not be reached.', { cause });

const storeTimeout = (cause: unknown): Unavailable =>
  new Unavailable('STORE_TIMEOUT', 'The database did not answer in time.', { cause });

/** `Unavailable` for a fault of the connection, the server or a deadline, with the fault as its cause; any other error as it is. */
export const toStoreError = (error: unknown): unknown => {
  const code = codeOf(error);
  if (TIMEOUT.test(code) || NO_ANSWER.test(messageOf(error))) return storeTimeout(error);
  const lost = UNAVAILABLE.test(code) || SOCKET.test(code) || LOST_CONNECTION.test(messageOf(error));
  return lost ? storeUnavailable(error) : error;
};

/** False when the server refused a statement and waits for the next one: only then may its connection be used again. */
export const endsConnection = (error: unknown): boolean =>
  !(error instanceof pg.DatabaseError) || FATAL.test(codeOf(error));

/** The constraint that a unique violation (23505) broke. */
export const violatedConstraint = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError && error.code === '23505' ? error.constraint : undefined;
