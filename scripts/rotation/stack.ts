// Vault, an agent for each process, and the processes api, relay and worker, on servers that are running.

import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { newSigningKey } from '../../src/auth/tokens/new-signing-key.ts';
import { freePort } from '../../test/support/free-port.ts';
import { startInstance, type Instance } from '../gameday/stacks/native/instance.ts';
import type { Closings } from '../gameday/stacks/closings.ts';
import { ROOT } from '../gameday/stacks/stack.ts';
import { askVault } from '../vault/ask-vault.ts';
import { configureVault, type Mode } from '../vault/configure-vault.ts';
import { launchAgent, startAgent, type Agent } from '../vault/start-agent.ts';
import { startVault, type Vault } from '../vault/start-vault.ts';
import { collectEmitted, type Emitted } from './emitted.ts';
import { watchFiles } from './rendered-files.ts';
import type { Secrets } from './secrets.ts';
import type { Servers } from './servers.ts';
import { migrationSettings, ROLES, settingsOf, type Ports, type Role } from './settings.ts';

export const CLIENT = 'notification-service';
const MIGRATION_LEASE = '2m';
const RENDER_INTERVAL = '2s';

export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
export const clientsOf = (secrets: readonly string[]): string =>
  JSON.stringify({ [CLIENT]: { secretSha256: secrets.map(hashOf), scopes: ['users:read'] } });

export type Options = {
  readonly mode: Mode;
  /** The program. */
  readonly vault: string;
  /** Lifetime of a login, or time between two passwords. */
  readonly leaseSeconds: number;
  readonly maxBackoff: string;
  /** Time limits of the processes for a busy machine, instead of the defaults. */
  readonly patient: boolean;
  /** Removed by the caller. */
  readonly folder: string;
  readonly servers: Servers;
  readonly secrets: Secrets;
  readonly report: (line: string) => void;
};

export type Running = Ports & { readonly instance: Instance; readonly managementUrl: string };

const openVault = async (options: Options, clientSecret: string): Promise<Vault> => {
  const { folder, vault: program, servers, secrets } = options;
  const { redis, kafka } = servers.passwords;
  const vault = await startVault({ directory: join(folder, 'vault'), vault: program });
  const { postgres: database } = servers;
  const first = {
    auth_signing_keys: JSON.stringify({ keys: [await newSigningKey()] }),
    auth_clients: clientsOf([clientSecret]),
    redis_password: redis,
    kafka_password: kafka,
    http_management_token: secrets.make('token of the management port'),
  };
  await configureVault({ ...options, ...vault, vault: program, directory: folder, database, secrets: first });
  secrets.add('token of Vault', vault.token);
  secrets.add("password of Vault's login", readFileSync(join(folder, 'vault-postgres-password'), 'utf8'));
  return vault;
};

const agentOptions = ({ mode, vault: program, folder, maxBackoff }: Options, vault: Vault, role: Role | 'migrate') => ({
  ...{ role, mode, maxBackoff, vault: program, address: vault.address, token: vault.token },
  directory: join(folder, `agent-${role}`),
  kafka: role !== 'api',
  renderInterval: RENDER_INTERVAL,
});

/** The program `migrate`, as in a deployment: its agent renders the credentials once. */
const migrate = async (options: Options, vault: Vault): Promise<void> => {
  const { servers, mode } = options;
  if (mode === 'dynamic')
    await askVault(vault, 'PUT', 'database/roles/user-service-owner', {
      db_name: 'user-service',
      default_ttl: MIGRATION_LEASE,
      max_ttl: MIGRATION_LEASE,
    });
  const agent = await launchAgent(agentOptions(options, vault, 'migrate'));
  await agent.exited();
  await agent.rendered();
  for (const path of agent.files) options.secrets.addFile(path.split('/').at(-1) ?? '', readFileSync(path, 'utf8'));
  // eslint-disable-next-line n/no-process-env -- child processes need them
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, ...migrationSettings(servers, agent.secrets) };
  for (const command of ['up', 'topics', 'schemas'])
    await promisify(execFile)(process.execPath, ['src/bin/migrate.ts', command], { cwd: ROOT, env });
};

const launch = async (role: Role, secretsDirectory: string, { servers, emitted, patient, name = role }: Launching) => {
  const ports = { port: await freePort(), managementPort: await freePort() };
  const managementUrl = `http://127.0.0.1:${ports.managementPort}`;
  const instance = startInstance({
    args: ['--import', './src/observability/tracer.ts', `src/bin/${role}.ts`],
    env: settingsOf(servers, secretsDirectory, emitted.tracesUrl, { ...ports, patient }),
    logFile: emitted.logFileOf(name),
    managementUrl,
  });
  return { ...ports, instance, managementUrl };
};
type Launching = Pick<Options, 'servers' | 'patient'> & { readonly emitted: Emitted; readonly name?: string };

/** @param closings get what ends it */
export const openStack = async (options: Options, closings: Closings) => {
  const { folder, secrets, servers, report, mode, patient } = options;
  const clientSecret = secrets.make('client secret');
  const emitted = await collectEmitted(join(folder, 'emitted'));
  closings.push(emitted.close);
  report(`starting Vault, mode ${mode}`);
  const vault = await openVault(options, clientSecret);
  closings.push(vault.kill);
  emitted.add(join(folder, 'vault/server.log'));
  emitted.add(vault.auditFile);
  await migrate(options, vault);

  report('starting an agent for each process');
  const agents = new Map<Role, Agent>();
  closings.push(async () => {
    await Promise.all([...agents.values()].map((agent) => agent.kill()));
  });
  await Promise.all(
    ROLES.map(async (role) => {
      const agent = await startAgent(agentOptions(options, vault, role));
      agents.set(role, agent);
      emitted.add(join(folder, `agent-${role}`, 'agent.log'));
      secrets.add('secret id', readFileSync(join(folder, `agent-${role}`, 'secret-id'), 'utf8').trim());
    }),
  );
  const files = watchFiles(new Map([...agents].map(([role, agent]) => [role, agent.files])), secrets);
  closings.push(files.close);

  report('starting api, relay and worker');
  const processes = new Map<Role, Running>();
  closings.push(async () => {
    await Promise.all([...processes.values()].map(({ instance }) => instance.end('SIGTERM')));
  });
  const start = (role: Role, secretsDirectory: string, name?: string): Promise<Running> =>
    launch(role, secretsDirectory, { servers, emitted, patient, ...(name !== undefined && { name }) });
  for (const [role, agent] of agents) processes.set(role, await start(role, agent.secrets));
  for (const [role, { managementUrl, instance }] of processes) {
    await instance.ready();
    emitted.scrape(role, managementUrl);
  }
  return {
    ...options,
    vault,
    agents,
    files,
    emitted,
    processes,
    clientSecret,
    start,
    run: randomBytes(4).toString('hex'),
  };
};

export type Stack = Awaited<ReturnType<typeof openStack>>;
