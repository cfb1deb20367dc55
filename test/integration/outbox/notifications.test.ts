// From a commit to the relay: who is announced, how often, and what happens when a notification is lost. The commits themselves: commits.test.ts.

import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { userErased } from '../../../src/users/events.ts';
import { makeOutboxNotifier } from '../../../src/postgres/outbox/outbox-notifier.ts';
import type { ServicePool } from '../../../src/postgres/pool.ts';
import { makeTransact } from '../../../src/postgres/transact.ts';
import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import { eventually } from '../../support/eventually.ts';
import { makeTcpProxy } from '../../support/tcp-proxy.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { appOptions, appPool } from '../../support/use-pool.ts';
import { aRegistration, asAdmin } from '../postgres/arrange.ts';
import { addRow, eventIds, makeTestRelay } from './arrange.ts';
import { prepareWrite, WRITERS } from './every-writer.ts';
import { listen } from './listen.ts';

const WINDOW_MS = 10;

let database: TestDatabase;
let pool: ServicePool;
/** A pool without a notifier. */
let unannounced: ServicePool;
const opened: { close(): Promise<void> }[] = [];
const closing = <T extends { close(): Promise<void> }>(part: T): T => {
  opened.push(part);
  return part;
};
const reports: string[] = [];

const makeNotifier = (at: TestDatabase = database) =>
  makeOutboxNotifier({
    pool,
    connection: { ...appOptions(at), applicationName: 'notifier' },
    onFailure: () => reports.push('failure'),
    onRecovery: () => reports.push('recovery'),
  });
const register = () => makeRegistrationStore(pool).insert(aRegistration());

beforeAll(async () => {
  database = await makeTestDatabase();
  pool = appPool(database);
  unannounced = appPool(database);
});
beforeEach(() => asAdmin(database, (admin) => admin.query('TRUNCATE outbox')));
afterEach(async () => {
  for (const part of opened.splice(0).toReversed()) await part.close();
  reports.length = 0;
});
afterAll(async () => {
  await Promise.all([pool.end(), unannounced.end()]);
  await database.drop();
});

describe('a commit', () => {
  const startRelay = async (pollMs: number) => {
    const { relay, published, reported } = makeTestRelay(database, pool, { pollMs });
    closing(relay).start();
    await eventually(() => {
      expect(reported.map(([name]) => name)).toContain('leading');
    });
    return published;
  };
  /** Milliseconds from the end of `write` until its event is published. */
  const measure = async (published: readonly unknown[], write: () => Promise<unknown>): Promise<number> => {
    const before = published.length;
    await write();
    const committedAt = performance.now();
    await eventually(
      () => {
        expect(published).toHaveLength(before + 1);
      },
      { everyMs: 1 },
    );
    return performance.now() - committedAt;
  };

  it.each(WRITERS)('of %s wakes the relay within 100 ms, long before its next poll', async (name) => {
    closing(makeNotifier());
    const published = await startRelay(60_000);
    const delays: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      const write = await prepareWrite(pool, name);
      await eventually(async () => {
        expect((await pool.query('SELECT FROM outbox')).rowCount).toBe(0);
      });
      delays.push(await measure(published, write));
    }
    expect(Math.min(...delays)).toBeLessThan(100); // the fastest: the machine may be busy; `npm run bench:commits` has the p99
  });

  it('whose notification is lost is published at the next poll', async () => {
    const published = await startRelay(20);
    const eventId = await addRow(pool);
    await eventually(() => {
      expect(eventIds(published)).toEqual([eventId]);
    });
  });
});

describe('the notifier', () => {
  it('sends at most one notification per 10 ms, however many transactions commit', async () => {
    const notifier = makeNotifier();
    const listener = closing(await listen(database));
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 200 }, register));
    await notifier.close();
    const elapsedMs = performance.now() - startedAt;

    const notifications = await listener.count();
    expect(notifications).toBeGreaterThan(0);
    expect(notifications).toBeLessThanOrEqual(elapsedMs / WINDOW_MS + 2);
  });

  it('sends nothing for what was rolled back, and nothing for a transaction without an event', async () => {
    const notifier = makeNotifier();
    const listener = closing(await listen(database));
    const taken = aRegistration();
    await makeRegistrationStore(unannounced).insert(taken);

    const again = { ...aRegistration(), user: { ...taken.user, id: randomUUID() } };
    await expect(makeRegistrationStore(pool).insert(again)).rejects.toMatchObject({ code: 'USERNAME_TAKEN' });
    const rolledBack = makeTransact(pool)(async ({ outbox }) => {
      await outbox.add(userErased(randomUUID(), new Date()));
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    await makeTransact(pool)(({ inbox }) => inbox.add('test', randomUUID()));
    await notifier.close();

    expect(await listener.count()).toBe(0);
  });

  it('announces at its end what was committed a moment ago', async () => {
    const notifier = makeNotifier();
    const listener = closing(await listen(database));
    await register();
    await register();
    await notifier.close();
    expect(await listener.count()).toBe(2);
  });

  it('reconnects when its connection was closed', async () => {
    closing(makeNotifier());
    const listener = closing(await listen(database));
    await register();
    await eventually(async () => {
      expect(await listener.count()).toBe(1);
    });
    await asAdmin(database, (admin) =>
      admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'notifier'`),
    );
    await register();
    await eventually(async () => {
      expect(await listener.count()).toBeGreaterThan(1);
    });
  });

  it.each(['down', 'hang'] as const)(
    'delays no commit while its connection is %s, reports it once, and then notifies',
    async (fault) => {
      const proxy = closing(await makeTcpProxy(database));
      closing(makeNotifier({ ...database, host: proxy.host, port: proxy.port }));
      const listener = closing(await listen(database));
      await register();
      await eventually(async () => {
        expect(await listener.count()).toBe(1);
      });
      if (fault === 'down') proxy.down();
      else proxy.hang();
      await eventually(async () => {
        await register();
        expect(reports).toEqual(['failure']);
      });
      const startedAt = performance.now();
      for (let n = 0; n < 20; n += 1) await register();
      expect(performance.now() - startedAt).toBeLessThan(10_000); // twenty waits for a hanging notifier take longer
      expect(await listener.count()).toBe(1);
      proxy.up();

      await eventually(async () => {
        expect(await listener.count()).toBeGreaterThan(1);
        expect(reports).toEqual(['failure', 'recovery']);
      });
    },
  );
});
