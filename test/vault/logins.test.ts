// The logins that Vault creates and changes in PostgreSQL, and what its own login may do.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import pg from 'pg';
import { describe, expect, it } from 'vitest';

import { askVault } from '../../scripts/vault/ask-vault.ts';
import { FILES } from '../../scripts/vault/configure-vault.ts';
import { eventually } from '../support/eventually.ts';
import { using } from '../support/template-database.ts';
import { useVault, type Configured } from './support/use-vault.ts';

type Lease = {
  readonly lease_id: string;
  readonly lease_duration: number;
  readonly data: { readonly username: string; readonly password: string };
};

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;
const LEASE_SECONDS = 30;

const connectionTo = ({ database }: Configured, { username, password }: Lease['data']): pg.ClientConfig => ({
  host: database.host,
  port: database.port,
  database: database.database,
  user: username,
  password,
});

const asAdministrator = <T>({ database }: Configured, sql: string, values: unknown[] = []): Promise<T[]> =>
  using({ connectionString: database.adminUrl }, async (client) => (await client.query(sql, values)).rows as T[]);

const rolesNamed = (at: Configured, name: string): Promise<{ valid_until: Date }[]> =>
  asAdministrator(at, 'SELECT rolvaliduntil AS valid_until FROM pg_roles WHERE rolname = $1', [name]);

/** An open session that reports when the server ends it. */
const openSession = async (config: pg.ClientConfig) => {
  const client = new pg.Client(config);
  let ended: unknown;
  client.on('error', (error) => (ended ??= error));
  await client.connect();
  return { client, endedWith: () => ended };
};

describe('dynamic logins', () => {
  let at: Configured;
  useVault({ mode: 'dynamic', leaseSeconds: LEASE_SECONDS }, (made) => (at = made));

  const lease = (role: 'app' | 'owner' = 'app'): Promise<Lease> =>
    askVault<Lease>(at.vault, 'GET', `database/creds/user-service-${role}`);
  const revoke = ({ lease_id }: Lease): Promise<unknown> =>
    askVault(at.vault, 'PUT', 'sys/leases/revoke', { lease_id });

  it('creates a login that reads and writes rows, and not more', async () => {
    const { data } = await lease();
    await using(connectionTo(at, data), async (client) => {
      expect((await client.query('SELECT count(*)::int AS count FROM users')).rows).toEqual([{ count: 0 }]);
      const error: unknown = await client.query('CREATE TABLE more (id int)').catch((reason: unknown) => reason);
      expect(codeOf(error)).toBe('42501');
      const owner: unknown = await client.query('SET ROLE user_service_owner').catch((reason: unknown) => reason);
      expect(codeOf(owner)).toBe('42501');
    });
  });

  it('creates a login for migrations that acts as the owner of the tables', async () => {
    const { data } = await lease('owner');
    await using(connectionTo(at, data), async (client) => {
      await client.query('SET ROLE user_service_owner');
      await client.query('CREATE TABLE made_by_migration (id int)');
    });
    const sql = "SELECT tableowner FROM pg_tables WHERE tablename = 'made_by_migration'";
    expect(await asAdministrator(at, sql)).toEqual([{ tableowner: 'user_service_owner' }]);
  });

  it('gives the login an end that is the end of its lease', async () => {
    const now = Date.now();
    const { data, lease_duration: seconds } = await lease();
    const [role] = await rolesNamed(at, data.username);
    expect(seconds).toBe(LEASE_SECONDS);
    expect(Math.abs(Number(role?.valid_until) - (now + LEASE_SECONDS * 1000))).toBeLessThan(7000); // Vault adds 5 s
  });

  it('ends the sessions of a revoked lease and removes its login', async () => {
    const revoked = await lease();
    const other = await lease();
    const session = await openSession(connectionTo(at, revoked.data));
    const untouched = await openSession(connectionTo(at, other.data));
    await session.client.query('SELECT count(*) FROM users');

    const start = performance.now();
    await revoke(revoked);
    await eventually(() => {
      expect(codeOf(session.endedWith())).toBe('57P01');
    });
    console.log(`revoked lease: its session ended after ${Math.round(performance.now() - start)} ms`);
    expect(await rolesNamed(at, revoked.data.username)).toEqual([]);
    const again = new pg.Client(connectionTo(at, revoked.data));
    expect(codeOf(await again.connect().catch((error: unknown) => error))).toBe('28P01');

    expect((await untouched.client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await untouched.client.end();
  });

  it('removes the login when its lease ends', async () => {
    await askVault(at.vault, 'PUT', 'database/roles/user-service-short', {
      db_name: 'user-service',
      creation_statements: readFileSync(join(FILES, 'postgres/create-app-login.sql'), 'utf8'),
      revocation_statements: readFileSync(join(FILES, 'postgres/revoke-login.sql'), 'utf8'),
      default_ttl: '3s',
      max_ttl: '3s',
    });
    await askVault(at.vault, 'PUT', 'database/config/user-service', { allowed_roles: '*' });
    const { data } = await askVault<Lease>(at.vault, 'GET', 'database/creds/user-service-short');
    await eventually(
      async () => {
        expect(await rolesNamed(at, data.username)).toEqual([]);
      },
      { deadlineMs: 20_000, everyMs: 100 },
    );
  });

  it('lets Vault change its own password, which then only Vault knows', async () => {
    await askVault(at.vault, 'PUT', 'database/rotate-root/user-service');
    const { data } = await lease();
    await using(connectionTo(at, data), async (client) => {
      expect((await client.query('SELECT 1 FROM users')).rows).toEqual([]);
    });
  });

  it('gives Vault a login that reads no table and is no superuser', async () => {
    const sql = 'SELECT rolsuper, rolcreatedb, rolbypassrls, rolreplication FROM pg_roles WHERE rolname = $1';
    expect(await asAdministrator(at, sql, ['vault_user_service'])).toEqual([
      { rolsuper: false, rolcreatedb: false, rolbypassrls: false, rolreplication: false },
    ]);
    await asAdministrator(at, "ALTER ROLE vault_user_service PASSWORD 'known'");
    const config = connectionTo(at, { username: 'vault_user_service', password: 'known' });
    const denied: unknown = await using(config, (client) => client.query('SELECT 1 FROM public.users')).catch(
      (error: unknown) => error,
    );
    expect(codeOf(denied)).toBe('42501');
  });
});

describe('static logins', () => {
  let at: Configured;
  useVault({ mode: 'static', leaseSeconds: 60 }, (made) => (at = made));

  const current = async (): Promise<Lease['data']> =>
    (await askVault<Lease>(at.vault, 'GET', 'database/static-creds/user-service-app')).data;
  const rotate = async (): Promise<void> => {
    const token = await at.operator();
    await askVault({ ...at.vault, token }, 'PUT', 'database/rotate-role/user-service-app');
  };

  it('keeps the login and its open sessions, and changes the password', async () => {
    const before = await current();
    const session = await openSession(connectionTo(at, before));
    await rotate();
    const after = await current();
    expect(after.username).toBe('user_service_app_login');
    expect(after.password).not.toBe(before.password);

    expect((await session.client.query('SELECT count(*)::int AS count FROM users')).rows).toEqual([{ count: 0 }]);
    await session.client.end();
    const old = new pg.Client(connectionTo(at, before));
    expect(codeOf(await old.connect().catch((error: unknown) => error))).toBe('28P01');
    await using(connectionTo(at, after), (client) => client.query('SELECT 1 FROM users'));
  });
});
