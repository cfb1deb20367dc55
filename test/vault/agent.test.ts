// What the agents render, how it looks on disk, and how soon a change arrives. Times are printed, and limited by what docs/vault.md promises.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { parseKeySet } from '../../src/auth/tokens/key-set.ts';
import { parseClients } from '../../src/auth/clients.ts';
import { askVault } from '../../scripts/vault/ask-vault.ts';
import type { Agent } from '../../scripts/vault/start-agent.ts';
import { eventually } from '../support/eventually.ts';
import { using } from '../support/template-database.ts';
import { useVault, type Configured } from './support/use-vault.ts';

type Credentials = { readonly username: string; readonly password: string; readonly expiresAt: number };

const PERMISSIONS = 0o777;
const LEASE_SECONDS = 20;
const RENDER_SECONDS = 10; // agent/demo.hcl

const read = (agent: Agent, name: string): string => readFileSync(join(agent.secrets, name), 'utf8').trimEnd();
const credentials = (agent: Agent, name = 'postgres_credentials'): Credentials =>
  JSON.parse(read(agent, name)) as Credentials;

const secondsSince = (start: number): string => ((performance.now() - start) / 1000).toFixed(1);

/** The next content of a file. */
const next = (agent: Agent, name: string, deadlineMs: number): Promise<string> => {
  const before = read(agent, name);
  return eventually(
    () => {
      const now = read(agent, name);
      if (now === before) throw new Error(`${name} has not changed for ${deadlineMs} ms:\n${agent.log()}`);
      return now;
    },
    { deadlineMs },
  );
};

const logsIn = (at: Configured, { username: user, password }: Credentials): Promise<void> => {
  const { host, port, database } = at.database;
  return using({ host, port, database, user, password }, async (client) => {
    await client.query('SELECT 1');
  });
};

describe('agents with dynamic logins', () => {
  let at: Configured;
  useVault({ mode: 'dynamic', leaseSeconds: LEASE_SECONDS }, (made) => (at = made));

  it('renders the files of each process, and no others', async () => {
    const roles = ['api', 'relay', 'worker', 'migrate'] as const;
    const agents = await Promise.all(roles.map((role) => at.launch({ role })));
    await Promise.all(agents.map((agent) => agent.rendered()));
    const rendered = agents.map((agent) => readdirSync(agent.secrets).toSorted((a, b) => a.localeCompare(b)));
    const events = ['http_management_token', 'kafka_password', 'postgres_credentials'];
    expect(rendered).toEqual([
      ['auth_clients', 'auth_signing_keys', 'http_management_token', 'postgres_credentials', 'redis_password'],
      ...[events, events],
      ['kafka_password', 'postgres_migration_credentials'],
    ]);
    const modes = agents.flatMap(({ files }) => files.map((file) => statSync(file).mode & PERMISSIONS));
    expect(new Set(modes)).toEqual(new Set([0o440]));

    const [api, relay, , migrate] = agents;
    if (api === undefined || relay === undefined || migrate === undefined) throw new Error('unreachable');
    expect(parseKeySet(read(api, 'auth_signing_keys'))).toBeDefined();
    expect([...parseClients(read(api, 'auth_clients')).keys()]).toEqual(['notification-service']);
    expect(read(relay, 'kafka_password')).toBe(at.secrets.kafka_password);
    await logsIn(at, credentials(api));
    await logsIn(at, credentials(migrate, 'postgres_migration_credentials'));
    expect(await migrate.exited()).toBe(0); // it ends when it has rendered
  });

  it('renders a new login well before the lease ends, with the end of that lease', async () => {
    const agent = await at.launch({ role: 'api', settings: { static_secret_render_interval: '1s' } });
    await agent.rendered();
    const before = credentials(agent);
    const after = JSON.parse(await next(agent, 'postgres_credentials', LEASE_SECONDS * 1000)) as Credentials;
    const left = before.expiresAt - Date.now() / 1000;
    expect(after.username).not.toBe(before.username);
    expect(left).toBeGreaterThan(0.1 * LEASE_SECONDS);
    const sql = 'SELECT extract(epoch FROM rolvaliduntil)::int AS end FROM pg_roles WHERE rolname = $1';
    const { rows } = await using({ connectionString: at.database.adminUrl }, (client) =>
      client.query<{ end: number }>(sql, [after.username]),
    );
    expect(Math.abs((rows[0]?.end ?? 0) - after.expiresAt)).toBeLessThan(7); // Vault adds 5 s
    await logsIn(at, after);
    // all templates are rendered again when one of the secrets changes
    const token = await at.operator();
    await askVault({ ...at.vault, token }, 'PUT', 'user-service/data/redis', { data: { password: 'other' } });
    expect(await next(agent, 'redis_password', 5000)).toBe('other');
    expect(credentials(agent)).toEqual(after);
    console.log(`lease of ${LEASE_SECONDS} s: a new login when ${left.toFixed(1)} s were left`);
  });

  it('renders a new version of a secret within the interval', async () => {
    const agent = await at.launch({ role: 'api' });
    await agent.rendered();
    const token = await at.operator();
    const start = performance.now();
    await askVault({ ...at.vault, token }, 'PUT', 'user-service/data/redis', { data: { password: 'rotated' } });
    expect(await next(agent, 'redis_password', (RENDER_SECONDS + 3) * 1000)).toBe('rotated');
    console.log(`KV: a new version was rendered after ${secondsSince(start)} s of at most ${RENDER_SECONDS}`);
  });

  it('recovers from a revoked lease: at once when the agent is restarted, otherwise when the lease would be renewed', async () => {
    const [left, restarted] = await Promise.all([at.launch({ role: 'relay' }), at.launch({ role: 'worker' })]);
    await Promise.all([left.rendered(), restarted.rendered()]);
    const start = performance.now();
    await askVault(at.vault, 'PUT', 'sys/leases/revoke-prefix/database/creds/user-service-app');
    const recovers = next(left, 'postgres_credentials', LEASE_SECONDS * 1000).then(() => secondsSince(start));
    const recoversAtOnce = next(restarted, 'postgres_credentials', LEASE_SECONDS * 1000).then(() =>
      secondsSince(start),
    );
    await restarted.stop();
    restarted.restart();
    const [later, soon] = await Promise.all([recovers, recoversAtOnce]);
    console.log(
      `revoked lease of ${LEASE_SECONDS} s: new login after ${later} s; after a restart of the agent ${soon} s`,
    );
    expect(Number(soon)).toBeLessThan(Number(later));
    await logsIn(at, credentials(left));
    await logsIn(at, credentials(restarted));
  });
});

describe('agents with static logins', () => {
  let at: Configured;
  useVault({ mode: 'static', leaseSeconds: 15 }, (made) => (at = made));

  it('renders the new password after Vault has changed it', async () => {
    const agent = await at.launch({ role: 'worker', settings: { static_secret_render_interval: '1s' } });
    await agent.rendered();
    const before = credentials(agent);
    expect(before.username).toBe('user_service_app_login');
    await logsIn(at, before);
    const rendering = next(agent, 'postgres_credentials', 40_000).then((text) => ({ text, at: performance.now() }));
    const refused = await eventually(
      async () => {
        const error: unknown = await logsIn(at, before).catch((reason: unknown) => reason);
        expect((error as { code?: string } | undefined)?.code).toBe('28P01');
        return performance.now();
      },
      { deadlineMs: 40_000, everyMs: 20 },
    );
    const rendered = await rendering;
    const early = before.expiresAt - Date.now() / 1000;
    console.log(
      `static login: the old password was refused for ${((rendered.at - refused) / 1000).toFixed(1)} s before the new file, which came ${early.toFixed(1)} s before expiresAt`,
    );
    const after = JSON.parse(rendered.text) as Credentials;
    await logsIn(at, after);
    expect(early).toBeGreaterThan(0); // or each change would look like one that was missed
    expect(after.expiresAt).toBeGreaterThan(before.expiresAt);
  });
});
