// Starts what the demo shows. Everything ends with this process.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Redis } from 'ioredis';

import { newSigningKey } from '../../../src/auth/tokens/new-signing-key.ts';
import { makeDemoClient } from '../../../src/embedded/demo-client.ts';
import { startEmbeddedPostgres } from '../../../src/embedded/postgres/server.ts';
import { makeDatabase } from '../../../src/postgres/administration/make-database.ts';
import { freePort } from '../../../test/support/free-port.ts';
import { nativeRedis } from '../../../test/support/native/redis.ts';
import { PATIENCE } from '../../../test/support/patience.ts';
import { openAll, type Closings } from '../../gameday/stacks/closings.ts';
import { startInstance } from '../../gameday/stacks/native/instance.ts';
import { ROOT } from '../../gameday/stacks/stack.ts';
import { configureVault } from '../configure-vault.ts';
import { startAgent } from '../start-agent.ts';
import { startVault } from '../start-vault.ts';
import type { DemoArguments } from './arguments.ts';

const DATABASE = 'user_service';
const newPassword = (): string => randomBytes(24).toString('base64url');

const firstSecrets = async () => ({
  auth_signing_keys: JSON.stringify({ keys: [await newSigningKey()] }),
  auth_clients: makeDemoClient().clients,
  redis_password: newPassword(),
  http_management_token: newPassword(),
});

/** @returns connection of the superuser, whose password nobody else gets */
const openPostgres = async (folder: string, closings: Closings) => {
  const server = await startEmbeddedPostgres({
    directory: join(folder, 'postgres'),
    superuserPassword: newPassword(),
    persistent: false,
  });
  closings.push(server.stop);
  const { host, port, user, password } = server;
  const administrator = { host, port, user, password, database: DATABASE };
  await makeDatabase(administrator, {
    ...{ ownerLogin: 'user_service_owner_login', ownerPassword: newPassword() },
    ...{ appLogin: 'user_service_app_login', appPassword: newPassword() },
  });
  return administrator;
};

const openRedis = async (password: string, closings: Closings) => {
  const { server, stop } = await nativeRedis();
  closings.push(stop);
  const client = new Redis(server);
  await client.config('SET', 'requirepass', password).finally(() => {
    client.disconnect();
  });
  return server;
};

/** As in a deployment: migrations have a login of their own, for this run. */
const migrate = async (env: Readonly<Record<string, string>>): Promise<void> => {
  // eslint-disable-next-line n/no-process-env -- child processes need them
  const { PATH = '', HOME = '' } = process.env;
  await promisify(execFile)(process.execPath, ['src/bin/migrate.ts', 'up'], {
    cwd: ROOT,
    env: { PATH, HOME, ...env },
  }).catch((error: unknown) => {
    throw new Error(`migrate failed: ${(error as { stderr?: string }).stderr ?? ''}`, { cause: error });
  });
};

const startApi = async (folder: string, env: Readonly<Record<string, string>>, closings: Closings) => {
  const [port, managementPort] = [await freePort(), await freePort()];
  const managementUrl = `http://127.0.0.1:${managementPort}`;
  const api = startInstance({
    args: ['--import', './src/observability/tracer.ts', 'src/bin/api.ts'],
    env: {
      ...env,
      ...PATIENCE,
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: String(port),
      HTTP_MANAGEMENT_HOST: '127.0.0.1',
      HTTP_MANAGEMENT_PORT: String(managementPort),
      LIFECYCLE_DRAIN_DELAY_MS: '0',
    },
    logFile: join(folder, 'api.log'),
    managementUrl,
  });
  closings.push(() => api.end('SIGTERM'));
  await api.ready();
  return { url: `http://127.0.0.1:${port}`, managementUrl };
};

type Options = DemoArguments & { readonly program: string; readonly report: (line: string) => void };

const open = async ({ program, mode, leaseSeconds, port, report }: Options, closings: Closings) => {
  const folder = await mkdtemp(join(tmpdir(), 'user-service-vault-'));
  closings.push(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o711); // the account of PostgreSQL has to pass through
  await mkdir(join(folder, 'postgres'));

  report('starting Vault, with its data on disk');
  const vault = await startVault({ directory: join(folder, 'vault'), vault: program, ...(port !== 0 && { port }) });
  closings.push(() => vault.kill());
  report(`  VAULT_ADDR=${vault.address}; the keys are in a file of mode 0600, in a folder that is removed at the end`);
  report('starting PostgreSQL and Redis');
  const database = await openPostgres(folder, closings);
  const secrets = await firstSecrets();
  const redis = await openRedis(secrets.redis_password, closings);

  report('configuring Vault as docs/vault.md says: policies, AppRoles, secrets, PostgreSQL, audit device');
  const access = { vault: program, address: vault.address, token: vault.token };
  await configureVault({ ...access, directory: join(folder, 'vault'), database, mode, leaseSeconds, secrets });

  const env = {
    DD_ENV: 'staging', // secrets have to be files, as in production
    DD_TRACE_ENABLED: 'false',
    POSTGRES_HOST: database.host,
    POSTGRES_PORT: String(database.port),
    POSTGRES_DATABASE: DATABASE,
    REDIS_HOST: redis.host,
    REDIS_PORT: String(redis.port),
  };
  const agentOf = async (role: 'api' | 'migrate') => {
    const agent = await startAgent({ ...access, role, mode, directory: join(folder, `agent-${role}`) });
    closings.push(() => agent.kill());
    return agent;
  };
  report('migrate: its agent renders a login that owns the tables, and ends');
  await migrate({ ...env, SECRETS_DIR: (await agentOf('migrate')).secrets });
  report('api: its agent renders five files and stays');
  const agent = await agentOf('api');
  const api = await startApi(folder, { ...env, SECRETS_DIR: agent.secrets }, closings);
  return { vault, agent, api };
};

/** On failure everything that was started is closed. */
export const openDemo = (options: Options) => openAll((closings) => open(options, closings));

export type Demo = Awaited<ReturnType<typeof openDemo>>;
