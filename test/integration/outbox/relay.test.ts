// The relay on a real table with a fake broker. test/resilience runs it with a real one.

import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { makeOutboxState } from '../../../src/postgres/outbox/outbox-state.ts';
import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import type { ServicePool } from '../../../src/postgres/pool.ts';
import { eventually } from '../../support/eventually.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { aRegistration, asAdmin } from '../postgres/arrange.ts';
import { appPool } from '../../support/use-pool.ts';
import { addRow, countRows, eventIds, makeTestRelay } from './arrange.ts';
import { missedEvents } from './overlapping-transactions.ts';
import { makeHighWaterMarkShards } from './fixtures/high-water-mark.ts';
import { textsOf } from '../../support/text-message.ts';

let database: TestDatabase;
let pool: ServicePool;
const running: { close(): Promise<void> }[] = [];

const start = (options: Parameters<typeof makeTestRelay>[2] = {}) => {
  const arranged = makeTestRelay(database, pool, options);
  running.push(arranged.relay);
  arranged.relay.start();
  return arranged;
};

beforeAll(async () => {
  database = await makeTestDatabase();
  pool = appPool(database, { max: 12 });
});
beforeEach(() => asAdmin(database, (admin) => admin.query('TRUNCATE outbox')));
afterEach(() => Promise.all(running.splice(0).map((relay) => relay.close())));
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const drained = (): Promise<void> =>
  eventually(async () => {
    expect(await countRows(pool)).toBe(0);
  });

describe('the relay', () => {
  it('publishes the event of a registration by key and without personal data, and deletes its row', async () => {
    const registration = aRegistration();
    await makeRegistrationStore(pool).insert(registration);
    const { published } = start();
    await drained();
    expect(published.map(textsOf)).toMatchObject([
      {
        topic: 'user-service.users.v1',
        key: registration.user.id,
        headers: { 'event-id': registration.event.eventId, 'event-type': 'UserRegistered' },
      },
    ]);
    expect(published[0]?.value?.toString()).not.toContain(registration.user.email);
  });

  it('keeps the order of each key over many batches', async () => {
    const keys = Array.from({ length: 5 }, () => randomUUID());
    const written = [];
    for (let n = 0; n < 100; n += 1) written.push(await addRow(pool, keys[n % 5]));
    const { published } = start({ batchSize: 7 });
    await drained();
    expect(eventIds(published)).toEqual(written);
  });

  it('deletes only acknowledged rows, and publishes the others again in order', async () => {
    const written = [await addRow(pool), await addRow(pool)];
    const { published, state, reported } = start();
    state.down = true;
    await eventually(() => {
      expect(reported.map(([name]) => name)).toContain('interrupted');
    });
    expect(await countRows(pool)).toBe(2);
    state.down = false;
    await drained();
    expect(eventIds(published)).toEqual(written);
  });

  it('parks an event that can not be encoded, with the later ones of its key but no others', async () => {
    const [stuck, other] = [randomUUID(), randomUUID()];
    const bad = await addRow(pool, stuck, { bad: true });
    const behind = await addRow(pool, stuck);
    const good = await addRow(pool, other);
    const { published, reported } = start();
    await eventually(() => {
      expect(eventIds(published)).toEqual([good]);
    });
    const reason = 'The event does not match its schema.';
    await eventually(() => {
      expect(reported).toContainEqual(['parked', { shard: 0, eventId: bad, eventType: 'UserErased', reason }]);
    });
    const later = await addRow(pool, other);
    await eventually(() => {
      expect(eventIds(published)).toEqual([good, later]);
    });
    const outbox = makeOutboxState(pool);
    // a row is deleted after its message was acknowledged
    await eventually(async () => {
      expect(await outbox.read()).toMatchObject({ pending: 1, parked: 1 });
    });

    await asAdmin(database, (admin) => admin.query(`UPDATE outbox SET payload = '{}' WHERE event_id = $1`, [bad]));
    expect(await outbox.unpark()).toBe(1);
    await drained();
    expect(eventIds(published)).toEqual([good, later, bad, behind]);
  });

  it('retries parked events when it becomes the leader: it may be a newer release', async () => {
    const key = randomUUID();
    const written = [await addRow(pool, key, { bad: true }), await addRow(pool, key)];
    const older = start();
    await eventually(() => {
      expect(older.reported.map(([name]) => name)).toContain('parked');
    });
    await older.relay.close();
    const newer = start({ encode: () => Promise.resolve(Buffer.from('{}')) });
    await drained();
    expect([...eventIds(older.published), ...eventIds(newer.published)]).toEqual(written);
  });

  it('finds the message of a batch that the broker rejects, and parks only that', async () => {
    const rejected = randomUUID();
    const relay = makeTestRelay(database, pool);
    running.push(relay.relay);
    relay.state.rejectedKey = rejected;
    const good = [await addRow(pool), await addRow(pool)];
    await addRow(pool, rejected);
    good.push(await addRow(pool));
    relay.relay.start();
    await eventually(() => {
      expect(eventIds(relay.published)).toEqual(good);
    });
    await eventually(async () => {
      expect(await countRows(pool)).toBe(1);
    });
  });

  it('reports the age of the oldest pending row', async () => {
    await addRow(pool);
    const outbox = makeOutboxState(pool);
    await eventually(async () => {
      expect((await outbox.read()).oldestSeconds).toBeGreaterThan(0.05);
    });
  });
});

describe('leadership', () => {
  it('belongs to one process at a time, and moves when its connection ends', async () => {
    const relays = [start(), start()];
    const leaders = (): number[] =>
      relays
        .map(({ reported }) => reported.filter(([name]) => name === 'leading').at(-1)?.[1].leads === true)
        .flatMap((leads, index) => (leads ? [index] : []));
    const first = await eventually(() => {
      expect(leaders()).toHaveLength(1);
      return leaders()[0];
    });
    await asAdmin(database, (admin) =>
      admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      ),
    );
    await eventually(() => {
      expect(relays[first ?? 0]?.reported).toContainEqual(['leading', { shard: 0, leads: false }]);
      expect(leaders()).toHaveLength(1);
    });
    const written = await addRow(pool);
    await drained();
    expect(relays.flatMap(({ published }) => eventIds(published))).toEqual([written]);
  });

  it('of shards is shared between processes, each key in one shard', async () => {
    const one = start({ shards: 4 });
    const two = start({ shards: 4 });
    await eventually(() => {
      expect([...one.reported, ...two.reported].filter(([name]) => name === 'leading')).toHaveLength(4);
    });
    const written = [];
    for (let n = 0; n < 40; n += 1) written.push(await addRow(pool));
    await drained();
    const arrived = [...eventIds(one.published), ...eventIds(two.published)];
    expect(arrived).toHaveLength(written.length);
    expect(new Set(arrived)).toEqual(new Set(written));
  });

  it('of overlapping shards is exclusive: a different number of shards is safe during a rollout', async () => {
    const whole = start({ shards: 1 });
    await eventually(() => {
      expect(whole.reported).toContainEqual(['leading', { shard: 0, leads: true }]);
    });
    const parts = start({ shards: 2 });
    for (let n = 0; n < 20; n += 1) await addRow(pool);
    await drained();
    expect(whole.published).toHaveLength(20);
    expect(parts.published).toEqual([]);
    await whole.relay.close();
    await eventually(() => {
      expect(parts.reported.filter(([name]) => name === 'leading')).toHaveLength(2);
    });
  });
});

describe('overlapping transactions', () => {
  it('lose no event although ids and commits are in different order', async () => {
    expect(await missedEvents({ pool, published: start().published, rounds: 30 })).toBe(0);
  });

  it('finds the violation of a high-water mark: it loses events', { timeout: 30_000 }, async () => {
    const { published } = start({ outbox: makeHighWaterMarkShards(pool) });
    expect(await missedEvents({ pool, published, rounds: 30 })).toBeGreaterThan(0);
  });
});
