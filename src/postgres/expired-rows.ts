// Every table whose rows are kept for a limited time, and how they are deleted: at most `limit` per statement, so that each one is short.
// SKIP LOCKED: two processes that purge at once share the work instead of waiting for each other.
// Not here: `outbox`, whose rows are deleted when they are published; a parked one stays until an operator has dealt with it.

import type { Pool } from 'pg';

import { query, type Statement } from './query.ts';

/** The age at which a key may be used again: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ section 2.3. */
const IDEMPOTENCY_SECONDS = 24 * 3600;
/** Longer than the retention of any topic, so that a redelivered message is still detected. */
const INBOX_SECONDS = 30 * 24 * 3600;

const PURGE_SESSIONS = `
  DELETE FROM sessions
  WHERE id IN (
    SELECT id
    FROM sessions
    WHERE expires_at <= now()
    ORDER BY expires_at
    LIMIT $1
    FOR UPDATE SKIP LOCKED
  )`;
const OVERDUE_SESSIONS = `
  SELECT extract(epoch FROM now() - min(expires_at))::float8 AS seconds
  FROM sessions
  WHERE expires_at <= now()`;

const PURGE_KEYS = `
  DELETE FROM idempotency_keys
  WHERE key_hash IN (
    SELECT key_hash
    FROM idempotency_keys
    WHERE created_at < now() - make_interval(secs => $2)
    ORDER BY created_at
    LIMIT $1
    FOR UPDATE SKIP LOCKED
  )`;
const OVERDUE_KEYS = `
  SELECT extract(epoch FROM now() - min(created_at))::float8 - $1 AS seconds
  FROM idempotency_keys
  WHERE created_at < now() - make_interval(secs => $1)`;

const PURGE_INBOX = `
  DELETE FROM inbox
  WHERE (consumer, event_id) IN (
    SELECT consumer, event_id
    FROM inbox
    WHERE received_at < now() - make_interval(secs => $2)
    ORDER BY received_at
    LIMIT $1
    FOR UPDATE SKIP LOCKED
  )`;
const OVERDUE_INBOX = `
  SELECT extract(epoch FROM now() - min(received_at))::float8 - $1 AS seconds
  FROM inbox
  WHERE received_at < now() - make_interval(secs => $1)`;

export type ExpiredRows = {
  readonly table: string;
  /** Deletes the oldest expired rows, at most `limit`. Returns the number deleted. */
  deleteSome(limit: number): Promise<number>;
  /** For how many seconds the oldest row has been expired; 0 when there is none. An index answers it. */
  overdueSeconds(): Promise<number>;
};

const makeExpiredRows = (pool: Pool, table: string, purge: string, overdue: string, keep: readonly number[]) =>
  ({
    table,
    deleteSome: async (limit) => {
      const statement: Statement = { name: `purge-${table}`, text: purge, values: [limit, ...keep] };
      return (await query(pool, statement)).rowCount ?? 0;
    },
    overdueSeconds: async () => {
      const statement: Statement = { name: `overdue-${table}`, text: overdue, values: keep };
      const { rows } = await query<{ seconds: number | null }>(pool, statement);
      return rows[0]?.seconds ?? 0;
    },
  }) satisfies ExpiredRows;

/** Sessions that were not refreshed in time. */
export const expiredSessions = (pool: Pool): ExpiredRows =>
  makeExpiredRows(pool, 'sessions', PURGE_SESSIONS, OVERDUE_SESSIONS, []);

/** Idempotency keys that are older than a day. */
export const expiredKeys = (pool: Pool): ExpiredRows =>
  makeExpiredRows(pool, 'idempotency_keys', PURGE_KEYS, OVERDUE_KEYS, [IDEMPOTENCY_SECONDS]);

/** Handled events that no broker can deliver again. */
export const expiredInbox = (pool: Pool): ExpiredRows =>
  makeExpiredRows(pool, 'inbox', PURGE_INBOX, OVERDUE_INBOX, [INBOX_SECONDS]);
