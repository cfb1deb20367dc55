// Credentials that change while connections are open: a new user (dynamic credentials), or a new password of the same user (static ones).

import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { Credentials } from '../../../src/postgres/credentials.ts';
import { makeLogin } from '../../../src/postgres/login.ts';
import { makeOutboxShards } from '../../../src/postgres/outbox/outbox-shards.ts';
import { makeOutboxSignal } from '../../../src/postgres/outbox/outbox-signal.ts';
import type { ServicePool } from '../../../src/postgres/pool.ts';
import { query } from '../../../src/postgres/query.ts';
import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import { eventually } from '../../support/eventually.ts';
import { using } from '../../support/template-database.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { appOptions, appPool } from '../../support/use-pool.ts';
import { aRegistration } from './arrange.ts';

let database: TestDatabase;
const made: string[] = [];

const asAdmin = <T extends object>(sql: string) =>
  using({ connectionString: database.adminUrl }, async (client) => (await client.query<T>(sql)).rows);

const makeLoginRole = async (): Promise<Credentials> => {
  const [user, password] = [`login_${randomBytes(6).toString('hex')}`, randomBytes(6).toString('hex')];
  await asAdmin(`CREATE ROLE ${user} LOGIN PASSWORD '${password}' IN ROLE user_service_app`);
  made.push(user);
  return { user, password };
};
const setPassword = async ({ user }: Credentials): Promise<Credentials> => {
  const password = randomBytes(6).toString('hex');
  await asAdmin(`ALTER ROLE ${user} PASSWORD '${password}'`);
  return { user, password };
};
const usersConnected = async (): Promise<string[]> => {
  const rows = await asAdmin<{ usename: string }>(
    `SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = current_database() AND usename LIKE 'login_%'`,
  );
  return rows.map(({ usename }) => usename);
};

/** Stands for the secret file. */
let file: Credentials;
let login: ReturnType<typeof makeLogin>;
let pool: ServicePool;

beforeAll(async () => {
  database = await makeTestDatabase();
});
afterAll(async () => {
  await database.drop();
  await using({ connectionString: String(new URL('/postgres', database.adminUrl)) }, async (client) => {
    for (const user of made) await client.query(`DROP ROLE IF EXISTS ${user}`);
  });
});
beforeEach(async () => {
  file = await makeLoginRole();
  login = makeLogin({ ...appOptions(database), credentials: () => file });
  pool = appPool(database, { credentials: login, connectTimeoutMs: 1000 });
  return () => pool.end();
});

const register = () => makeRegistrationStore(pool).insert(aRegistration());
const registerMany = (count: number) => Promise.all(Array.from({ length: count }, register));
const currentUser = async () =>
  (await query<{ user: string }>(pool, { text: 'SELECT current_user AS user' })).rows[0]?.user;

describe('changed credentials', () => {
  it('replace idle connections once the server has accepted them, and no request fails', async () => {
    const { user: former } = file;
    await registerMany(4);
    file = await makeLoginRole();
    expect(await currentUser()).toBe(former);
    const traffic = registerMany(50);
    expect(await login.adopt()).toBe(true);
    await pool.closeOutdated();
    await traffic;
    expect(await currentUser()).toBe(file.user);
    await eventually(async () => {
      expect(await usersConnected()).toEqual([file.user]);
    });
  });

  it('replace a connection that is at work when it is given back', async () => {
    const atWork = await pool.connect();
    await registerMany(3);
    file = await makeLoginRole();
    await login.adopt();
    await pool.closeOutdated();
    const failed = await pool.connect();
    atWork.release();
    failed.release(new Error('of the statement'));
    await eventually(async () => {
      expect(await usersConnected()).toEqual([]);
    });
  });

  it('do no harm while the server refuses them, or when they must not write', async () => {
    const { user: former } = file;
    await registerMany(2);
    await asAdmin(`CREATE ROLE login_reader LOGIN PASSWORD 'x'`);
    made.push('login_reader');
    for (const wrong of [
      { user: former, password: 'wrong' },
      { user: 'login_reader', password: 'x' },
    ]) {
      file = wrong;
      await expect(login.adopt()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      await registerMany(8);
      expect(await currentUser()).toBe(former);
    }
  });

  it('are waited for when a password is new on the server before it is in the file', async () => {
    await register();
    const next = await setPassword(file);
    await asAdmin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${file.user}'`);
    await eventually(() => {
      expect(pool.totalCount).toBe(0);
    });
    const waiting = registerMany(3);
    const arrival = eventually(() => {
      expect(pool.totalCount).toBe(0); // the server has refused all three
    }).then(() => (file = next));
    await Promise.all([waiting, arrival]);
  });

  it('are waited for no longer than for a connection', async () => {
    await register();
    await setPassword(file);
    await asAdmin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${file.user}'`);
    await eventually(() => {
      expect(pool.totalCount).toBe(0);
    });
    const start = performance.now();
    await expect(register()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', cause: { code: '28P01' } });
    expect(performance.now() - start).toBeGreaterThan(900);
  });

  it('are not waited for when the server has never accepted the present ones', async () => {
    const wrong = appPool(database, { credentials: () => ({ ...file, password: 'wrong' }), connectTimeoutMs: 60_000 });
    await expect(makeRegistrationStore(wrong).insert(aRegistration())).rejects.toMatchObject({
      cause: { code: '28P01' },
    });
    await wrong.end();
  });

  it('follow a user that was dropped while its sessions stay open', async () => {
    const former = file;
    await registerMany(3);
    file = await makeLoginRole();
    await asAdmin(`REVOKE user_service_app FROM ${former.user}`);
    await asAdmin(`DROP ROLE ${former.user}`);
    await expect(register()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' }); // 42501 or 42P01: no privileges
    await registerMany(8);
    expect(await currentUser()).toBe(file.user);
  });
});

describe('what holds a connection for long', () => {
  it('gives up leadership of the outbox, and leads again with the new credentials', async () => {
    const shards = makeOutboxShards(pool);
    const leadership = await shards.lead(0, 1);
    await register();
    expect(await leadership?.fetch(10, [])).not.toEqual([]);
    file = await makeLoginRole();
    await login.adopt();
    expect(await leadership?.fetch(10, [])).toEqual([]);
    await leadership?.lost;
    await leadership?.resign();
    const next = await shards.lead(0, 1);
    expect(await next?.fetch(10, [])).not.toEqual([]);
    await next?.resign();
  });

  it('listens with the new credentials, and reports nothing', async () => {
    const errors: Error[] = [];
    const connection = { ...appOptions(database), credentials: login };
    const signal = makeOutboxSignal({ connection, verifyMs: 20, onError: (error) => errors.push(error) });
    await signal.listen(() => undefined);
    file = await makeLoginRole();
    await login.adopt();
    await eventually(async () => {
      expect(await usersConnected()).toEqual([file.user]);
    });
    await signal.close();
    expect(errors).toEqual([]);
  });
});
