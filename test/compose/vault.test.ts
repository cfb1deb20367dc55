// docker-compose.yml with the profile `vault`: processes get their secrets from Vault, and Vault may be restarted. The steps depend on each other. Only
// what needs no Kafka is started: the other processes get their files in the same way.

import { env } from 'node:process';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/eventually.ts';
import { documented } from './support/documented.ts';
import { logIn, register } from './support/purchase.ts';
import { makeStack, type Stack } from './support/stack.ts';
import { prepareVaultImage } from './support/vault-image.ts';

const UP = `${documented('the same with secrets from Vault')} api vault-agent-events`;
const REMOVE = documented('removes everything');
const LEASE = '60s';

const found = await prepareVaultImage();
if (found.image === undefined) console.log(`SKIPPED: the profile vault, because ${found.reason ?? ''}`);

describe.skipIf(found.image === undefined)('the profile vault', () => {
  let stack: Stack;

  const exec = (service: string, ...command: string[]): Promise<string> =>
    stack.compose('exec', '--no-TTY', service, ...command);
  const psql = (sql: string): Promise<string> =>
    exec('postgres', 'psql', '--username=postgres', '--tuples-only', '--no-align', '--command', sql, 'user_service');
  const loginsInUse = async (): Promise<string[]> => {
    const sql = "SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name LIKE 'user-service%'";
    return (await psql(sql)).split('\n').filter(Boolean);
  };
  /** Reads and writes in PostgreSQL with a new access token. */
  const useService = async (): Promise<string> => logIn(stack.urls.api, await register(stack.urls.api));

  beforeAll(async () => {
    console.log(`Vault: ${found.image ?? ''}`);
    env.VAULT_LEASE = LEASE;
    stack = await makeStack();
  });
  afterAll(() => stack.remove());

  it('starts Vault, its agents, and the processes after them', async () => {
    await stack.run(UP);
    await stack.volumes();
    const states = await stack.states();
    expect(states).toMatchObject({
      ...{ vault: 'healthy', 'vault-agent-api': 'healthy', 'vault-agent-events': 'healthy' },
      ...{ 'vault-setup': 'exited 0', 'vault-login': 'exited 0', 'vault-agent-migrate': 'exited 0' },
      ...{ migrations: 'exited 0', api: 'healthy' },
    });
    expect(await useService()).toMatch(/^ey/);
  });

  it('gives each process only files of an agent, readable by its group', async () => {
    const listed = (await exec('api', 'sh', '-c', 'stat -c "%a %g %n" /run/secrets/*')).split('\n');
    for (const name of [
      'auth_clients',
      'auth_signing_keys',
      'http_management_token',
      'postgres_credentials',
      'redis_password',
    ])
      expect(listed).toContain(`440 10001 /run/secrets/${name}`);
    const ofEvents = await exec('vault-agent-events', 'ls', '/agent/secrets');
    expect(ofEvents).toContain('postgres_credentials');
    expect(ofEvents).not.toContain('auth_signing_keys');
  });

  it('uses logins that Vault has created, and replaces them', async () => {
    const before = await loginsInUse();
    expect(before.length).toBeGreaterThan(0);
    for (const login of before) expect(login).toMatch(/^v-approle-/);
    await eventually(
      async () => {
        await useService();
        const now = await loginsInUse();
        expect(now.filter((login) => before.includes(login))).toEqual([]);
      },
      { deadlineMs: 120_000, everyMs: 2000 },
    );
    expect(await useService()).toMatch(/^ey/);
  });

  it('records which role read what', async () => {
    const log = await exec('vault', 'cat', '/vault/logs/audit.log');
    for (const role of ['api', 'worker', 'migrate']) expect(log).toContain(`"role_name":"user-service-${role}"`);
    const signingKeys = await exec('api', 'cat', '/run/secrets/auth_signing_keys');
    const [, secret = ''] = /"d":"([^"]+)"/.exec(signingKeys) ?? [];
    expect(secret.length).toBeGreaterThan(40);
    expect(log.includes(secret)).toBe(false);
  });

  it('goes on while Vault is restarted and sealed, and the next `up` unseals it', async () => {
    await stack.compose('restart', 'vault');
    expect(await useService()).toMatch(/^ey/);
    await stack.run(UP);
    expect(await stack.states()).toMatchObject({ vault: 'healthy', api: 'healthy' });
    expect(await useService()).toMatch(/^ey/);
  });

  it('leaves nothing behind', async () => {
    await stack.volumes();
    await stack.run(REMOVE);
    expect(await stack.leftovers()).toEqual([]);
  });
});
