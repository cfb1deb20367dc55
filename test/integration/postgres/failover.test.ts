// After a failover, connections to the former primary stay open: it is read-only and does not close them.

import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { makeRoles } from '../../../src/postgres/administration/make-roles.ts';
import { makeMigrations } from '../../../src/postgres/migrations/migrations.ts';
import { makeOutboxNotifier } from '../../../src/postgres/outbox/outbox-notifier.ts';
import { makeOutboxShards } from '../../../src/postgres/outbox/outbox-shards.ts';
import { makeOutboxSignal } from '../../../src/postgres/outbox/outbox-signal.ts';
import { announceOutboxWritten } from '../../../src/postgres/outbox/outbox-writer.ts';
import { makePostgresCheck, REQUIRED_MIGRATION } from '../../../src/postgres/postgres-check.ts';
import type { ServicePool } from '../../../src/postgres/pool.ts';
import { makeTransact } from '../../../src/postgres/transact.ts';
import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import { makeUserReader } from '../../../src/postgres/users/user-reader.ts';
import { newRegistration } from '../../support/http/actors.ts';
import { makeTestApp } from '../../support/http/make-test-app.ts';
import { eventually } from '../../support/eventually.ts';
import { nativePostgres } from '../../support/native/postgres.ts';
import type { PostgresServer, Running } from '../../support/servers.ts';
import { makeTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { LOGINS, using } from '../../support/template-database.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { makeTestRedis } from '../../support/test-redis.ts';
import { appOptions, appPool } from '../../support/use-pool.ts';
import { aRegistration } from './arrange.ts';

let former: Running<PostgresServer>;
let successor: TestDatabase;
let proxy: TcpProxy;

const onFormer = (sql: string, database = successor.database) =>
  using({ ...former.server, database }, (client) => client.query(sql));
const onSuccessor = (sql: string) => using({ connectionString: successor.adminUrl }, (client) => client.query(sql));

/** The same database, empty, on a server of its own. */
const makeFormer = async (): Promise<Running<PostgresServer>> => {
  const running = await nativePostgres();
  const { host, port, user, password } = running.server;
  const { database, ownerUser, ownerPassword, appUser, appPassword } = successor;
  await using({ host, port, user, password, database: 'postgres' }, (c) => c.query(`CREATE DATABASE ${database}`));
  await using({ host, port, user, password, database }, (client) =>
    makeRoles(client, { ownerLogin: ownerUser, ownerPassword, appLogin: appUser, appPassword }),
  );
  const connection = { host, port, database, user: ownerUser, password: () => ownerPassword };
  await makeMigrations({ connection: { ...connection, tls: 'disable' } }).up();
  return running;
};

const readOnly = (setting: 'on' | 'off') =>
  using({ ...former.server, database: 'postgres' }, async (client) => {
    await client.query(`ALTER SYSTEM SET default_transaction_read_only = ${setting}`);
    await client.query('SELECT pg_reload_conf()');
  });

/** A failover: the former primary is read-only, new connections get its successor. */
const failOver = async (): Promise<void> => {
  await readOnly('on');
  proxy.redirect(successor);
};

const open = (): ServicePool => appPool(successor, { host: proxy.host, port: proxy.port });

const usingPools = async (work: (pool: ServicePool, check: () => Promise<void>) => Promise<void>): Promise<void> => {
  const [pool, own] = [open(), open()];
  const check = makePostgresCheck({ pool: own, watched: pool, requiredMigration: REQUIRED_MIGRATION });
  await work(pool, check).finally(() => Promise.all([pool.end(), own.end()]));
};

/** Fills the pool with several connections. */
const warm = (pool: ServicePool) =>
  Promise.all(Array.from({ length: 4 }, () => makeRegistrationStore(pool).insert(aRegistration())));

beforeAll(async () => {
  successor = await makeTestDatabase();
  former = await makeFormer();
  proxy = await makeTcpProxy(former.server);
}, 60_000);
beforeEach(async () => {
  await readOnly('off');
  proxy.redirect(former.server);
  await eventually(() => onFormer('DELETE FROM outbox'));
});
afterAll(async () => {
  await proxy.close();
  await former.stop();
  await successor.drop();
});

/** Resolves once the check has failed as it should. */
const rejects = (check: () => Promise<void>): Promise<void> =>
  eventually(async () => {
    await expect(check()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

const NEXT_SECONDS = { deadlineMs: 3000 };

describe('after a failover', () => {
  it('one write fails, and all that follow reach the new primary', async () => {
    await usingPools(async (pool) => {
      await warm(pool);
      expect(pool.totalCount).toBeGreaterThan(1);
      await failOver();
      const register = () => makeRegistrationStore(pool).insert(aRegistration());

      await rejects(register);
      const results = await Promise.allSettled(Array.from({ length: 20 }, register));

      expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
    });
  });

  it('the API registers users again within seconds', async () => {
    const database = { ...successor, host: proxy.host, port: proxy.port };
    const app = await makeTestApp({ database, redis: makeTestRedis() });
    const api = await app.serve();
    const register = async (): Promise<number> => {
      const { statusCode } = await api.inject({ method: 'POST', url: '/api/v1/users', payload: newRegistration() });
      return statusCode;
    };
    expect(await Promise.all([register(), register(), register()])).toEqual([201, 201, 201]);
    await failOver();

    await eventually(async () => {
      expect(await register()).toBe(503);
    });
    await eventually(async () => {
      expect(await Promise.all([register(), register()])).toEqual([201, 201]);
    }, NEXT_SECONDS);

    await api.close();
    await app.close();
  });

  it('a transaction reaches the new primary, too', async () => {
    await usingPools(async (pool) => {
      await warm(pool);
      await failOver();
      const add = () =>
        makeTransact(pool)(({ inbox }) =>
          inbox.add('failover', randomUUID()).then((added) => {
            expect(added).toBe(true);
          }),
        );

      await rejects(add);
      await Promise.all(Array.from({ length: 8 }, add));
    });
  });

  it('a process that only reads gets the rows of the new primary once the check has run', async () => {
    await usingPools(async (pool, check) => {
      await warm(pool);
      await check();
      await failOver();
      const registration = aRegistration();
      const direct = appPool(successor);
      await makeRegistrationStore(direct).insert(registration);
      await direct.end();

      await rejects(check);
      await eventually(check, NEXT_SECONDS);

      for (let read = 0; read < 8; read += 1)
        expect(await makeUserReader(pool).findRepresentation(registration.user.id)).toBeDefined();
    });
  });

  it('the check notices a pool that leads to the former primary although its own connection does not', async () => {
    const [pool, own] = [open(), appPool(successor)];
    const check = makePostgresCheck({ pool: own, watched: pool, requiredMigration: REQUIRED_MIGRATION });
    await warm(pool);
    await check();
    await failOver();

    await rejects(check);
    await eventually(check, NEXT_SECONDS);

    expect((await pool.query('SHOW transaction_read_only')).rows).toEqual([{ transaction_read_only: 'off' }]);
    await Promise.all([pool.end(), own.end()]);
  });

  it('the leader of the outbox notices it while there is nothing to publish, and leads at the new primary', async () => {
    const pool = open();
    const shards = makeOutboxShards(pool);
    const leadership = await shards.lead(0, 1);
    expect(await leadership?.fetch(10, [])).toEqual([]);
    await failOver();
    await onSuccessor(
      `INSERT INTO outbox (event_id, event_type, key, payload) VALUES ('${randomUUID()}', 'UserErased', '${randomUUID()}', '{}')`,
    );

    await eventually(() => expect(leadership?.fetch(10, [])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' }));
    await leadership?.resign();
    const next = await eventually(() => shards.lead(0, 1));

    expect(await next?.fetch(10, [])).not.toEqual([]);
    await next?.resign();
    await pool.end();
    await onSuccessor('DELETE FROM outbox');
  });

  it('notifications of the new primary arrive', async () => {
    let wakes = 0;
    const connection = { ...appOptions(successor), host: proxy.host, port: proxy.port };
    const signal = makeOutboxSignal({ connection, onError: () => undefined, verifyMs: 50 });
    await signal.listen(() => {
      wakes += 1;
    });
    await failOver();

    await eventually(async () => {
      const before = wakes;
      await onSuccessor('NOTIFY outbox');
      await eventually(
        () => {
          expect(wakes).toBeGreaterThan(before);
        },
        { deadlineMs: 200 },
      );
    });
    await signal.close();
  });

  it('the notifier notices that its server accepts no writes, and notifies at the new primary', async () => {
    let [failures, wakes] = [0, 0];
    const pool = open();
    const notifier = makeOutboxNotifier({
      pool,
      connection: { ...appOptions(successor), host: proxy.host, port: proxy.port },
      onFailure: () => (failures += 1),
      onRecovery: () => undefined,
    });
    const signal = makeOutboxSignal({ connection: appOptions(successor), onError: () => undefined });
    await signal.listen(() => {
      wakes += 1;
    });
    await warm(pool);
    await failOver();
    const before = wakes;

    announceOutboxWritten(pool); // the write of a pool that has noticed it first

    await eventually(() => {
      expect(wakes).toBeGreaterThan(before);
    });
    expect(failures).toBe(1);
    await notifier.close();
    await signal.close();
    await pool.end();
  });
});

describe('a server that accepts no writes', () => {
  it('is not used, and the check says so, until it accepts them again', async () => {
    await readOnly('on');
    await usingPools(async (pool, check) => {
      await eventually(() =>
        expect(makeUserReader(pool).findRepresentation(randomUUID())).rejects.toMatchObject({
          code: 'STORE_UNAVAILABLE',
          cause: { message: 'The database server accepts no writes.' },
        }),
      );
      await expect(check()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });

      await readOnly('off');

      await eventually(check);
      await makeRegistrationStore(pool).insert(aRegistration());
    });
  });
});

describe('a login that loses its privileges', () => {
  it('makes the process unready, and its calls unavailable instead of failed, until they are granted again', async () => {
    await usingPools(async (pool, check) => {
      await warm(pool);
      await onFormer(`REVOKE user_service_app FROM ${LOGINS.appUser}`);

      await expect(makeRegistrationStore(pool).insert(aRegistration())).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
      });
      await expect(check()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      await onFormer(`GRANT user_service_app TO ${LOGINS.appUser}`);

      await eventually(check);
      await makeRegistrationStore(pool).insert(aRegistration());
    });
  });

  it('makes the process unready when it may read and not write', async () => {
    await usingPools(async (pool, check) => {
      await warm(pool);
      await onFormer('REVOKE INSERT ON outbox FROM user_service_app');

      await expect(check()).rejects.toMatchObject({ cause: { message: 'the login must not write' } });

      await onFormer('GRANT INSERT ON outbox TO user_service_app');
      await eventually(check);
    });
  });
});

describe('a prepared statement that the server does not know or has already', () => {
  it.each([
    ['is forgotten', 'DEALLOCATE ALL'],
    ['has a plan for an older table', 'ALTER TABLE users ALTER COLUMN name TYPE VARCHAR(101)'],
  ])('ends the connection, so that the next call works: %s', async (_, sql) => {
    const pool = appPool(successor, { max: 1 });
    const read = () => makeUserReader(pool).findRepresentation(randomUUID());
    await read();
    await (sql.startsWith('ALTER') ? onSuccessor(sql) : pool.query(sql));

    await expect(read()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });

    expect(await read()).toBeUndefined();
    await pool.end();
  });
});
