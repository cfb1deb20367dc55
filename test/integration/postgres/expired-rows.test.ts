import { randomUUID } from 'node:crypto';

import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { makePurge } from '../../../src/composition/purge.ts';
import { expiredInbox, expiredKeys, expiredSessions, type ExpiredRows } from '../../../src/postgres/expired-rows.ts';
import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import { eventually } from '../../support/eventually.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { usePool } from '../../support/use-pool.ts';
import { aRegistration, asAdmin } from './arrange.ts';

let database: TestDatabase;
let pool: pg.Pool;

usePool((made) => ({ database, pool } = made));

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

const newUserId = async (): Promise<string> => {
  const registration = aRegistration();
  await makeRegistrationStore(pool).insert(registration);
  return registration.user.id;
};

type Table = {
  readonly rows: (pool: pg.Pool) => ExpiredRows;
  /** Its rows have been expired for an hour; $1 is how many. */
  readonly expired: string;
  readonly living: string;
};

const SESSION = `INSERT INTO sessions (id, user_id, token_hash, expires_at)
  SELECT gen_random_uuid(), (SELECT id FROM users LIMIT 1), decode(repeat('00', 32), 'hex'), now()`;
const KEY = `INSERT INTO idempotency_keys (key_hash, outcome, created_at)
  SELECT sha256(gen_random_uuid()::text::bytea), '{}', now()`;
const EVENT = `INSERT INTO inbox (consumer, event_id, received_at) SELECT 'test', gen_random_uuid(), now()`;
const MANY = 'FROM generate_series(1, $1)';

const TABLES: Readonly<Record<string, Table>> = {
  sessions: {
    rows: expiredSessions,
    expired: `${SESSION} - interval '1 hour' ${MANY}`,
    living: `${SESSION} + interval '1 minute' ${MANY}`,
  },
  idempotency_keys: {
    rows: expiredKeys,
    expired: `${KEY} - interval '25 hours' ${MANY}`,
    living: `${KEY} - interval '23 hours 59 minutes' ${MANY}`,
  },
  inbox: {
    rows: expiredInbox,
    expired: `${EVENT} - interval '30 days 1 hour' ${MANY}`,
    living: `${EVENT} - interval '29 days 23 hours' ${MANY}`,
  },
};

const insert = (statement: string, count: number) => asAdmin(database, (admin) => admin.query(statement, [count]));
const countOf = async (table: string): Promise<number> => {
  const { rows } = await pool.query<{ count: number }>(`SELECT count(*)::integer AS count FROM ${table}`);
  return rows[0]?.count ?? -1;
};

beforeEach(async () => {
  await pool.query('DELETE FROM users');
  for (const table of Object.keys(TABLES)) await pool.query(`DELETE FROM ${table}`);
  await newUserId();
});

describe.each(Object.entries(TABLES))('expired rows of %s', (name, { rows, expired, living }) => {
  it('are deleted up to the limit, and no other ones', async () => {
    await insert(expired, 3);
    await insert(living, 2);

    const { table, deleteSome } = rows(pool);

    expect(table).toBe(name);
    expect([await deleteSome(2), await deleteSome(2), await deleteSome(2)]).toEqual([2, 1, 0]);
    expect(await countOf(name)).toBe(2);
  });

  it('tell for how long they should have been gone', async () => {
    const { overdueSeconds } = rows(pool);
    await insert(living, 1);
    expect(await overdueSeconds()).toBe(0);
    await insert(expired, 1);
    expect(await overdueSeconds()).toBeGreaterThan(3590);
    expect(await overdueSeconds()).toBeLessThan(3700);
  });

  it('do not make a second process wait for the first one', async () => {
    await insert(expired, 3);
    const first = await pool.connect();
    await first.query('BEGIN');
    await first.query(`SELECT 1 FROM ${name} LIMIT 2 FOR UPDATE`);

    expect(await rows(pool).deleteSome(10)).toBe(1);

    await first.query('ROLLBACK');
    first.release();
  });
});

describe('makePurge', () => {
  const startPurge = (tables: readonly ExpiredRows[], everyMs = 60_000) => {
    const overdue = new Map<string, number>();
    const errors: string[] = [];
    const purge = makePurge({
      tables,
      everyMs,
      onError: (_error, table) => errors.push(table),
      onOverdue: (table, seconds) => overdue.set(table, seconds),
    });
    closers.push(purge.close);
    purge.start();
    return { overdue, errors, close: purge.close };
  };
  const allTables = () => Object.values(TABLES).map(({ rows }) => rows(pool));

  it('leaves none of 5,000 expired rows of each table soon after the start', { timeout: 30_000 }, async () => {
    for (const { expired, living } of Object.values(TABLES)) {
      await insert(expired, 5000);
      await insert(living, 1);
    }

    const { overdue } = startPurge(allTables());

    await eventually(
      () => {
        expect(Object.fromEntries(overdue)).toEqual({ sessions: 0, idempotency_keys: 0, inbox: 0 });
      },
      { deadlineMs: 15_000 },
    );
    expect(await Promise.all(Object.keys(TABLES).map(countOf))).toEqual([1, 1, 1]);
  });

  it('is shared by two processes that start together', { timeout: 30_000 }, async () => {
    await insert(TABLES.inbox?.expired ?? '', 5000);
    let deleted = 0;
    const counting = (): ExpiredRows => {
      const rows = expiredInbox(pool);
      const deleteSome = async (limit: number): Promise<number> => {
        const count = await rows.deleteSome(limit);
        deleted += count;
        return count;
      };
      return { ...rows, deleteSome };
    };

    startPurge([counting()]);
    startPurge([counting()]);

    await eventually(async () => {
      expect(await countOf('inbox')).toBe(0);
    });
    expect(deleted).toBe(5000);
  });

  it('purges again and again', async () => {
    startPurge(allTables(), 50);
    for (let round = 0; round < 2; round += 1) {
      await insert(TABLES.sessions?.expired ?? '', 1);
      await eventually(async () => {
        expect(await countOf('sessions')).toBe(0);
      });
    }
  });

  it('goes on with the other tables when one fails, and still tells how much is overdue there', async () => {
    await insert(TABLES.inbox?.expired ?? '', 1);
    const broken: ExpiredRows = {
      table: 'broken',
      deleteSome: () => Promise.reject(new Error('cancelled')),
      overdueSeconds: () => Promise.resolve(77),
    };

    const { errors, overdue } = startPurge([broken, expiredInbox(pool)]);

    await eventually(() => {
      expect(Object.fromEntries(overdue)).toEqual({ broken: 77, inbox: 0 });
    });
    expect(errors).toEqual(['broken']);
  });

  it('stops at once, in the middle of a backlog', async () => {
    let calls = 0;
    const endless: ExpiredRows = {
      table: randomUUID(),
      deleteSome: (limit) => {
        calls += 1;
        return Promise.resolve(limit);
      },
      overdueSeconds: () => Promise.resolve(1),
    };
    const { close, overdue } = startPurge([endless, ...allTables()], 10);
    await eventually(() => {
      expect(calls).toBeGreaterThan(1);
    });
    const begin = performance.now();
    await close();
    expect(performance.now() - begin).toBeLessThan(40);
    const stoppedAt = calls;
    await new Promise(setImmediate);
    expect([calls, overdue.size]).toEqual([stoppedAt, 0]);
  });
});
