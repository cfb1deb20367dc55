// Leadership of the outbox. It is an advisory lock of the session on each slot of a shard, so it ends with the connection and only one process can
// hold it. Locks are on slots, not on shards, so that processes with a different number of shards exclude each other during a rollout.

import type { PoolClient } from 'pg';

import type { EventPayload } from '../../messaging/codec.ts';
import type { EventType } from '../../messaging/event-topics.ts';
import type { Leadership, OutboxRow, OutboxShards } from '../../outbox/ports.ts';
import { storeUnavailable } from '../errors.ts';
import type { ServicePool } from '../pool.ts';
import { checkOut, query } from '../query.ts';

const SLOTS = 16;
/** The first half of the lock's key: "outb" in ASCII, so that it does not collide with other locks of the database. */
const LOCK_CLASS = 0x6f757462;

const TRY_LOCK = `
  SELECT pg_try_advisory_lock($1, slot) AS locked
  FROM unnest($2::integer[]) AS slot`;

const UNLOCK_ALL = `
  SELECT pg_advisory_unlock_all()`;

// Ends the session of a leader that is gone without closing its connection: a dead host after 11 s, a hanging process after a minute, which is
// longer than the send timeout.
const GUARD = `
  SET tcp_keepalives_idle = 5;
  SET tcp_keepalives_interval = 2;
  SET tcp_keepalives_count = 3;
  SET idle_session_timeout = '60s'`;

// A row waits behind an earlier parked row of its key: events of one key are never reordered.
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

// A server that was replaced has no new rows: without this, its leader would wait there for ever.
const IS_READ_ONLY = `
  SELECT current_setting('transaction_read_only') = 'on' AS read_only`;

const REMOVE = `
  DELETE FROM outbox
  WHERE id = ANY ($1::bigint[])`;

// A new leader may be a newer release that can publish what the previous one could not.
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

/** The first slot decides between processes with the same number of shards; only its winner locks the others. */
const lock = async (client: PoolClient, slots: readonly number[]): Promise<boolean> => {
  for (const some of [slots.slice(0, 1), slots.slice(1)]) {
    const { rows } = await query<{ locked: boolean }>(client, { text: TRY_LOCK, values: [LOCK_CLASS, some] });
    if (rows.some(({ locked }) => !locked)) return false;
  }
  return true;
};

/** @throws Unavailable STORE_UNAVAILABLE */
const assertWritable = async (client: PoolClient): Promise<void> => {
  const { rows } = await query<{ read_only: boolean }>(client, { name: 'is-read-only', text: IS_READ_ONLY });
  if (rows[0]?.read_only !== false) throw storeUnavailable(new Error('The server of the outbox accepts no writes.'));
};

type Lock = { readonly pool: ServicePool; readonly client: PoolClient; readonly slots: readonly number[] };

const leadershipOn = ({ pool, client, slots }: Lock): Leadership => {
  let lose: () => void = () => undefined;
  const lost = new Promise<void>((resolve) => {
    lose = resolve;
  });
  for (const event of ['error', 'end'] as const)
    client.once(event, () => {
      lose();
    });
  return {
    async fetch(limit, except) {
      if (!pool.isCurrent(client)) {
        lose(); // before the server ends the session, because its credentials have been replaced
        return [];
      }
      const { rows } = await query<Row>(client, { name: 'fetch-outbox', text: FETCH, values: [slots, except, limit] });
      if (rows.length === 0) await assertWritable(client);
      return rows.map(toOutboxRow);
    },
    async remove(ids) {
      await query(client, { name: 'remove-from-outbox', text: REMOVE, values: [ids] });
    },
    async park(id, reason) {
      await query(client, { name: 'park-in-outbox', text: PARK, values: [id, reason] });
    },
    lost,
    // closing the connection releases the locks, whatever its state
    resign: () => {
      client.release(true);
      return Promise.resolve();
    },
  };
};

/** Each leadership uses a connection of `pool` exclusively. A connection pooler must be in session mode. */
export const makeOutboxShards = (pool: ServicePool): OutboxShards => ({
  async lead(shard, shards) {
    const slots = slotsOf(shard, shards);
    const client = await checkOut(pool);
    try {
      if (await lock(client, slots)) {
        await query(client, { text: GUARD });
        await query(client, { text: UNPARK, values: [slots] });
        return leadershipOn({ pool, client, slots });
      }
      await query(client, { text: UNLOCK_ALL });
      client.release();
      return undefined;
    } catch (error) {
      client.release(error instanceof Error && error.cause instanceof Error ? error.cause : true);
      throw error;
    }
  },
});
