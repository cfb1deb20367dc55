// The outbox as the relay sees it. Leadership is a session's advisory lock on each slot of a shard, so it ends with its connection and can't be
// held by two. Locks are on slots, not on shards: processes with another number of shards, as during a roll-out, exclude each other too.

import type { Pool, PoolClient } from 'pg';

import type { EventPayload } from '../../messaging/codec.ts';
import type { EventType } from '../../messaging/event-topics.ts';
import type { Leadership, OutboxRow, OutboxShards } from '../../outbox/ports.ts';
import { checkOut, query } from '../query.ts';

const SLOTS = 16;
/** The first half of the lock's key: "outb" in ASCII, so that no other lock of this database meets it. */
const LOCK_CLASS = 0x6f757462;

const TRY_LOCK = `
  SELECT pg_try_advisory_lock($1, slot) AS locked
  FROM unnest($2::integer[]) AS slot`;

const UNLOCK_ALL = `
  SELECT pg_advisory_unlock_all()`;

// A leader that vanished without closing its connection is noticed: a dead host after 11 s, a process that hangs after a minute, which is
// longer than any send may take.
const GUARD = `
  SET tcp_keepalives_idle = 5;
  SET tcp_keepalives_interval = 2;
  SET tcp_keepalives_count = 3;
  SET idle_session_timeout = '60s'`;

// A row whose key has a parked row before it waits with it: facts of one key never overtake each other.
const FETCH = `
  SELECT id, event_type, key, event_id, payload, traceparent, created_at
  FROM outbox AS row
  WHERE slot = ANY ($1) AND parked_at IS NULL AND id <> ALL ($2::bigint[])
    AND NOT EXISTS (
      SELECT FROM outbox AS before
      WHERE before.key = row.key AND before.parked_at IS NOT NULL AND before.id < row.id
    )
  ORDER BY id
  LIMIT $3`;

const REMOVE = `
  DELETE FROM outbox
  WHERE id = ANY ($1::bigint[])`;

// A new leader may be a newer release, which can publish what the one before could not.
const UNPARK = `
  UPDATE outbox
  SET parked_at = NULL, parked_reason = NULL
  WHERE slot = ANY ($1) AND parked_at IS NOT NULL`;

const PARK = `
  UPDATE outbox
  SET parked_at = now(), parked_reason = $2
  WHERE id = $1`;

type Row = {
  readonly id: string;
  readonly event_type: EventType;
  readonly key: string;
  readonly event_id: string;
  readonly payload: EventPayload;
  readonly traceparent: string | null;
  readonly created_at: Date;
};

const toOutboxRow = (row: Row): OutboxRow => ({
  id: row.id,
  type: row.event_type,
  key: row.key,
  eventId: row.event_id,
  payload: row.payload,
  traceparent: row.traceparent ?? undefined,
  createdAt: row.created_at,
});

const slotsOf = (shard: number, shards: number): number[] =>
  Array.from({ length: SLOTS }, (_, slot) => slot).filter((slot) => slot % shards === shard);

/** The first slot decides between rivals of the same size; the others are asked for only by its winner. */
const lock = async (client: PoolClient, slots: readonly number[]): Promise<boolean> => {
  for (const some of [slots.slice(0, 1), slots.slice(1)]) {
    const { rows } = await query<{ locked: boolean }>(client, { text: TRY_LOCK, values: [LOCK_CLASS, some] });
    if (rows.some(({ locked }) => !locked)) return false;
  }
  return true;
};

const leadershipOn = (client: PoolClient, slots: readonly number[]): Leadership => ({
  async fetch(limit, except) {
    const { rows } = await query<Row>(client, { name: 'fetch-outbox', text: FETCH, values: [slots, except, limit] });
    return rows.map(toOutboxRow);
  },
  async remove(ids) {
    await query(client, { name: 'remove-from-outbox', text: REMOVE, values: [ids] });
  },
  async park(id, reason) {
    await query(client, { name: 'park-in-outbox', text: PARK, values: [id, reason] });
  },
  lost: new Promise((resolve) => {
    client.once('error', () => {
      resolve();
    });
    client.once('end', () => {
      resolve();
    });
  }),
  // closing the connection ends the locks, whatever state it is in
  resign: () => {
    client.release(true);
    return Promise.resolve();
  },
});

/** Each leadership holds a connection of `pool` for itself. Behind a connection pooler it needs session mode. */
export const makeOutboxShards = (pool: Pool): OutboxShards => ({
  async lead(shard, shards) {
    const slots = slotsOf(shard, shards);
    const client = await checkOut(pool);
    try {
      if (await lock(client, slots)) {
        await query(client, { text: GUARD });
        await query(client, { text: UNPARK, values: [slots] });
        return leadershipOn(client, slots);
      }
      await query(client, { text: UNLOCK_ALL });
      client.release();
      return undefined;
    } catch (error) {
      client.release(true);
      throw error;
    }
  },
});
