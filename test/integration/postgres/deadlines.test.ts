import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { PoolOptions, ServicePool } from '../../../src/postgres/pool.ts';
import { makePostgresCheck, REQUIRED_MIGRATION } from '../../../src/postgres/postgres-check.ts';
import { query } from '../../../src/postgres/query.ts';
import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import { makeTransact } from '../../../src/postgres/transact.ts';
import { makeUserReader } from '../../../src/postgres/users/user-reader.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { makeTcpProxy } from '../../support/tcp-proxy.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { appPool } from '../../support/use-pool.ts';
import { aRegistration, asAdmin } from './arrange.ts';

let database: TestDatabase;
const pools: ServicePool[] = [];

beforeAll(async () => {
  database = await makeTestDatabase();
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.end()));
});
afterAll(() => database.drop());

const pool = (options: Partial<PoolOptions> = {}): ServicePool => {
  const made = appPool(database, { max: 2, ...options });
  pools.push(made);
  return made;
};

const took = async (work: Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work.catch(() => undefined);
  return performance.now() - start;
};

const running = (applicationName: string): Promise<number> =>
  asAdmin(database, async (admin) => {
    const { rows } = await admin.query(
      `SELECT pid FROM pg_stat_activity WHERE application_name = $1 AND state = 'active'`,
      [applicationName],
    );
    return rows.length;
  });

const SLEEP = { text: 'SELECT pg_sleep(30)' };

describe('a pool', () => {
  it('ends a statement that exceeds its timeout, also on the server, and keeps its connection', async () => {
    const busy = pool({ statementTimeoutMs: 100, applicationName: 'slow-statement', max: 1 });

    await expect(query(busy, SLEEP)).rejects.toMatchObject({ name: 'Unavailable', code: 'STORE_TIMEOUT' });

    expect(await running('slow-statement')).toBe(0);
    expect([busy.totalCount, busy.idleCount]).toEqual([1, 1]);
  });

  it('ends a statement that exceeds the lock timeout', async () => {
    const registration = aRegistration();
    await makeRegistrationStore(pool()).insert(registration);
    const holder = makeTransact(pool());
    const waiter = makeTransact(pool({ lockTimeoutMs: 100 }));

    await holder(async ({ users }) => {
      await users.findForUpdate(registration.user.id);
      const second = waiter((stores) => stores.users.findForUpdate(registration.user.id));
      await expect(second).rejects.toMatchObject({ code: 'STORE_TIMEOUT', cause: { code: '55P03' } });
    });
  });

  it('ends an idle transaction, whose next statement then fails', async () => {
    const ended = makeTransact(pool({ idleInTransactionTimeoutMs: 50, applicationName: 'idler' }))(async (stores) => {
      await stores.users.findForUpdate(randomUUID());
      await eventually(() =>
        asAdmin(database, async (admin) => {
          const { rows } = await admin.query(`SELECT FROM pg_stat_activity WHERE application_name = 'idler'`);
          expect(rows).toHaveLength(0);
        }),
      );
      await stores.users.findForUpdate(randomUUID());
    });

    await expect(ended).rejects.toMatchObject({ name: 'Unavailable' });
  });

  it('rejects a caller that waits for a connection longer than the connect timeout', async () => {
    const full = pool({ max: 1, connectTimeoutMs: 200 });
    const holder = await full.connect();
    const find = makeUserReader(full).findRepresentation(randomUUID());

    const [tookMs] = await Promise.all([
      took(find),
      expect(find).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryAfterSeconds: 1 }),
    ]);
    holder.release();

    expect(tookMs).toBeLessThan(600);
    expect(await makeUserReader(full).findRepresentation(randomUUID())).toBeUndefined();
  });

  it('still works after 100 concurrent callers for its two connections', async () => {
    const narrow = pool({ connectTimeoutMs: 100 });
    const calls = Array.from({ length: 100 }, () => query(narrow, { text: 'SELECT pg_sleep(0.03)' }));

    const codes = (await Promise.allSettled(calls)).map((call) =>
      call.status === 'fulfilled' ? 'served' : (call.reason as { code: string }).code,
    );

    expect(new Set(codes)).toEqual(new Set(['served', 'STORE_UNAVAILABLE']));
    expect([narrow.idleCount, narrow.waitingCount]).toEqual([narrow.totalCount, 0]);
  });

  it.each([
    ['nobody listens', async () => ({ port: await freePort() })],
    ['the password is wrong', () => ({ password: () => 'wrong' })],
    ['there is no such database', () => ({ database: 'nowhere' })],
    ['the server has no TLS', () => ({ tls: 'require' as const })],
  ])('rejects with STORE_UNAVAILABLE when %s', async (_, toOptions) => {
    const find = makeUserReader(pool(await toOptions())).findRepresentation(randomUUID());

    await expect(find).rejects.toMatchObject({ name: 'Unavailable', code: 'STORE_UNAVAILABLE' });
  });

  it('asks for the password at each new connection', async () => {
    let password = 'not yet known';
    const rotating = pool({ password: () => password });
    const find = () => makeUserReader(rotating).findRepresentation(randomUUID());
    await expect(find()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });

    password = database.appPassword;

    expect(await find()).toBeUndefined();
  });

  it('reports idle connections that fail, and still works', async () => {
    const reported: Error[] = [];
    const idle = pool({ applicationName: 'idle', onError: (error) => reported.push(error) });
    const find = () => makeUserReader(idle).findRepresentation(randomUUID());
    await find();

    await asAdmin(database, (admin) =>
      admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'idle'`),
    );
    await eventually(() => {
      expect(reported).toHaveLength(1);
    });

    expect(await find()).toBeUndefined();
  });
});

describe('on an unreliable network', () => {
  it('rejects statements while it is down, and works again when it is up', async () => {
    const proxy = await makeTcpProxy(database);
    const far = pool({ host: proxy.host, port: proxy.port });
    const find = () => makeUserReader(far).findRepresentation(randomUUID());
    await find();

    proxy.down();
    await expect(find()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    proxy.up();

    expect(await eventually(find)).toBeUndefined();
    await proxy.close();
  });

  it('rejects soon after the statement timeout when the server does not respond, and closes the connection', async () => {
    const proxy = await makeTcpProxy(database);
    const far = pool({ host: proxy.host, port: proxy.port, statementTimeoutMs: 200, max: 1 });
    const find = () => makeUserReader(far).findRepresentation(randomUUID());
    await find();

    proxy.hang();
    const silent = find();
    const [tookMs] = await Promise.all([took(silent), expect(silent).rejects.toMatchObject({ code: 'STORE_TIMEOUT' })]);

    expect(tookMs).toBeLessThan(900);
    expect(far.totalCount).toBe(0);
    await proxy.close();
  });

  it('ends a transaction on an unresponsive server without waiting for its rollback', async () => {
    const proxy = await makeTcpProxy(database);
    const far = pool({ host: proxy.host, port: proxy.port, statementTimeoutMs: 200 });

    const tookMs = await took(
      makeTransact(far)(async ({ users }) => {
        proxy.hang();
        await users.findForUpdate(randomUUID());
      }),
    );

    expect(tookMs).toBeLessThan(900);
    expect(far.totalCount).toBe(0);
    await proxy.close();
  });
});

describe('the PostgreSQL check', () => {
  it('resolves when the required migration is applied', async () => {
    await expect(makePostgresCheck({ pool: pool(), requiredMigration: REQUIRED_MIGRATION })()).resolves.toBeUndefined();
  });

  it('resolves for a release that requires an older migration', async () => {
    await expect(
      makePostgresCheck({ pool: pool(), requiredMigration: '0001_create-users' })(),
    ).resolves.toBeUndefined();
  });

  it('rejects when the schema is older', async () => {
    await expect(makePostgresCheck({ pool: pool(), requiredMigration: '9999_later' })()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      cause: { message: 'migration 9999_later is not applied' },
    });
  });

  it('rejects when PostgreSQL is unreachable', async () => {
    const check = makePostgresCheck({ pool: pool({ port: await freePort() }), requiredMigration: REQUIRED_MIGRATION });

    await expect(check()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});
