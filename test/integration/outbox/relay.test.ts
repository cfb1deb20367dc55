// The relay on a real table, with a broker that does as it is told. What it does with a real one is in test/resilience.

import { randomUUID } from 'node:crypto';

import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { makeOutboxState } from '../../../src/postgres/outbox/outbox-state.ts';
import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import { eventually } from '../../support/eventually.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { appPool, aRegistration, asAdmin } from '../postgres/arrange.ts';
import { addRow, countRows, eventIds, makeTestRelay } from './arrange.ts';
import { missedEvents } from './overlapping-transactions.ts';
import { makeHighWaterMarkShards } from './fixtures/high-water-mark.ts';

let database: TestDatabase;
let pool: pg.Pool;
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
  it('publishes what a registration wrote, by key and without personal data, and removes it', async () => {
    const registration = aRegistration();
    await makeRegistrationStore(pool).insert(registration);
    const { published } = start();
    await drained();
    expect(published).toMatchObject([
      {
        topic: 'user-service.users.v1',
        key: registration.user.id,
        headers: { 'event-id': registration.event.eventId, 'event-type': 'UserRegistered' },
      },
    ]);
    expect(published[0]?.value.toString()).not.toContain(registration.user.email);
  });

  it('is woken by the insert, long before it would look by itself', async () => {
    const { published, told } = start({ pollMs: 60_000 });
    await eventually(() => {
      expect(told.map(([name]) => name)).toContain('leading');
    });
    await addRow(pool);
    await eventually(() => {
      expect(published).toHaveLength(1);
    });
  });

  it('keeps the order of each key over many batches', async () => {
    const keys = Array.from({ length: 5 }, () => randomUUID());
    const written = [];
    for (let n = 0; n < 100; n += 1) written.push(await addRow(pool, keys[n % 5]));
    const { published } = start({ batchSize: 7 });
    await drained();
    expect(eventIds(published)).toEqual(written);
  });

  it('removes only what was acknowledged, and sends the rest again in order', async () => {
    const written = [await addRow(pool), await addRow(pool)];
    const { published, state, told } = start();
    state.down = true;
    await eventually(() => {
      expect(told.map(([name]) => name)).toContain('interrupted');
    });
    expect(await countRows(pool)).toBe(2);
    state.down = false;
    await drained();
    expect(eventIds(published)).toEqual(written);
  });

  it('parks an event that can not be encoded and holds the later ones of its key, not others', async () => {
    const [stuck, other] = [randomUUID(), randomUUID()];
    const bad = await addRow(pool, stuck, { bad: true });
    const behind = await addRow(pool, stuck);
    const good = await addRow(pool, other);
    const { published, told } = start();
    await eventually(() => {
      expect(eventIds(published)).toEqual([good]);
    });
    const reason = 'The event does not fit its schema.';
    await eventually(() => {
      expect(told).toContainEqual(['parked', { shard: 0, eventId: bad, eventType: 'UserErased', reason }]);
    });
    const later = await addRow(pool, other);
    await eventually(() => {
      expect(eventIds(published)).toEqual([good, later]);
    });
    const outbox = makeOutboxState(pool);
    expect(await outbox.read()).toMatchObject({ pending: 1, parked: 1 });

    await asAdmin(database, (admin) => admin.query(`UPDATE outbox SET payload = '{}' WHERE event_id = $1`, [bad]));
    expect(await outbox.unpark()).toBe(1);
    await drained();
    expect(eventIds(published)).toEqual([good, later, bad, behind]);
  });

  it('tries parked events again when it begins to lead: it may be a newer release', async () => {
    const key = randomUUID();
    const written = [await addRow(pool, key, { bad: true }), await addRow(pool, key)];
    const older = start();
    await eventually(() => {
      expect(older.told.map(([name]) => name)).toContain('parked');
    });
    await older.relay.close();
    const newer = start({ encode: () => Promise.resolve(Buffer.from('{}')) });
    await drained();
    expect([...eventIds(older.published), ...eventIds(newer.published)]).toEqual(written);
  });

  it('finds the one message of a batch that the broker refuses, and parks it alone', async () => {
    const refused = randomUUID();
    const relay = makeTestRelay(database, pool);
    running.push(relay.relay);
    relay.state.refusedKey = refused;
    const good = [await addRow(pool), await addRow(pool)];
    await addRow(pool, refused);
    good.push(await addRow(pool));
    relay.relay.start();
    await eventually(() => {
      expect(eventIds(relay.published)).toEqual(good);
    });
    await eventually(async () => {
      expect(await countRows(pool)).toBe(1);
    });
  });

  it('tells the age of what waits', async () => {
    await addRow(pool);
    const outbox = makeOutboxState(pool);
    await eventually(async () => {
      expect((await outbox.read()).oldestSeconds).toBeGreaterThan(0.05);
    });
  });
});

describe('leadership', () => {
  it('is with one process at a time, and goes over when its connection ends', async () => {
    const relays = [start(), start()];
    const leaders = (): number[] =>
      relays
        .map(({ told }) => told.filter(([name]) => name === 'leading').at(-1)?.[1].leads === true)
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
      expect(relays[first ?? 0]?.told).toContainEqual(['leading', { shard: 0, leads: false }]);
      expect(leaders()).toHaveLength(1);
    });
    const written = await addRow(pool);
    await drained();
    expect(relays.flatMap(({ published }) => eventIds(published))).toEqual([written]);
  });

  it('is shared between processes when there are shards, each key with one of them', async () => {
    const one = start({ shards: 4 });
    const two = start({ shards: 4 });
    await eventually(() => {
      expect([...one.told, ...two.told].filter(([name]) => name === 'leading')).toHaveLength(4);
    });
    const written = [];
    for (let n = 0; n < 40; n += 1) written.push(await addRow(pool));
    await drained();
    const arrived = [...eventIds(one.published), ...eventIds(two.published)];
    expect(arrived).toHaveLength(written.length);
    expect(new Set(arrived)).toEqual(new Set(written));
  });

  it('of all is not given beside that of a part: another number of shards is safe during a roll-out', async () => {
    const whole = start({ shards: 1 });
    await eventually(() => {
      expect(whole.told).toContainEqual(['leading', { shard: 0, leads: true }]);
    });
    const parts = start({ shards: 2 });
    for (let n = 0; n < 20; n += 1) await addRow(pool);
    await drained();
    expect(whole.published).toHaveLength(20);
    expect(parts.published).toEqual([]);
    await whole.relay.close();
    await eventually(() => {
      expect(parts.told.filter(([name]) => name === 'leading')).toHaveLength(2);
    });
  });
});

describe('overlapping transactions', () => {
  it('miss no event although ids and commits are in different order', async () => {
    expect(await missedEvents({ pool, published: start().published, rounds: 30 })).toBe(0);
  });

  it('would miss events with a high-water mark: the planted bug is caught', { timeout: 30_000 }, async () => {
    const { published } = start({ outbox: makeHighWaterMarkShards(pool) });
    expect(await missedEvents({ pool, published, rounds: 30 })).toBeGreaterThan(0);
  });
});
