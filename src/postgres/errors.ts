// Maps errors of PostgreSQL and the network (SQLSTATE, socket codes, messages of pg) to the two errors that callers distinguish.
// https://www.postgresql.org/docs/current/errcodes-appendix.html

import pg from 'pg';

import { codeOf } from '../errors/coded-error.ts';
import { Unavailable } from '../errors/unavailable.ts';

/** Classes and codes: connection, authorization, insufficient resources, shutdown, no such database. */
const UNAVAILABLE = /^(?:08|28|53|57P|3D000)/;
/**
 * Refused by this server or for this login, where the right server would not: read-only (a standby, or a primary that was replaced),
 * a statement cancelled by a standby that replays, privileges revoked, no such table (which is the answer to a login that lost the
 * privilege to use the schema, and that of a database without it).
 */
const MISDIRECTED = /^(?:25006|40001|42501|42P01)$/;
/** A prepared statement is missing, exists already, or was planned for an older table: another connection does not have this problem. */
const STALE_SESSION = /^(?:26000|42P05)$/;
/** Statement cancelled, lock not available, deadlock, transaction idle or open for too long. */
const TIMEOUT = /^(?:57014|55P03|40P01|25P03|25P04)/;
const SOCKET =
  /^(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH)$/;
/** These errors of pg have no code. */
const LOST_CONNECTION = /^(?:Connection terminated|Client (?:was closed|has encountered a connection error))/;
const READ_TIMEOUT = /^Query read timeout$/;
/** After these errors the connection is unusable. */
const FATAL = /^(?:08|28|57P|53|25P03|25P04)/;

/** 0A000 has other meanings, too; the name of the server's function is the only thing that tells this one. */
const isStalePlan = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code === '0A000' && error.routine === 'RevalidateCachedQuery';

const isStaleSession = (error: unknown): boolean => STALE_SESSION.test(codeOf(error) ?? '') || isStalePlan(error);

/** True when the connection leads to the wrong server or uses a login without its privileges; others made before it may, too. */
export const isMisdirected = (error: unknown): boolean => MISDIRECTED.test(codeOf(error) ?? '');

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
  return lost || isMisdirected(error) || isStaleSession(error) ? storeUnavailable(error) : error;
};

/** False when the server rejected a statement and is the right one for the next: only then can its connection be used again. */
export const endsConnection = (error: unknown): boolean =>
  !(error instanceof pg.DatabaseError) ||
  FATAL.test(codeOf(error) ?? '') ||
  isMisdirected(error) ||
  isStaleSession(error);

/** The constraint of a unique violation (23505). */
export const violatedConstraint = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError && error.code === '23505' ? error.constraint : undefined;
