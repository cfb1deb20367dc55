// The processes of the service on the real servers of the test run; each test ends those that it started.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';
import { newSigningKey } from '../../../../src/auth/tokens/new-signing-key.ts';
import { startProgram } from '../../../support/child-process.ts';
import { eventually } from '../../../support/eventually.ts';
import { freePort } from '../../../support/free-port.ts';
import { openServiceTopics } from '../../../support/service-surroundings.ts';
import { makeTestDatabase, type TestDatabase } from '../../../support/test-database.ts';
import { makeTestRedis } from '../../../support/test-redis.ts';
import { appPool } from '../../../support/use-pool.ts';

/** The folder of the secret files; a test may add files. */
export const secrets = mkdtempSync(join(tmpdir(), 'user-service-secrets-'));
const TRACED = ['--import', join(import.meta.dirname, '../../../../src/observability/tracer.ts')];
let database: TestDatabase;
/** As superuser, to the database of the processes. */
export const adminUrl = (): string => database.adminUrl;
export const postgresAddress = () => ({ host: database.host, port: database.port });
/** Ended after each test. */
export const programs: ReturnType<typeof startProgram>[] = [];

beforeAll(async () => {
  database = await makeTestDatabase();
  writeFileSync(join(secrets, 'postgres_password'), database.appPassword);
  writeFileSync(join(secrets, 'auth_signing_keys'), JSON.stringify({ keys: [await newSigningKey()] }));
  await openServiceTopics();
});
afterEach(async () => {
  for (const program of programs.splice(0)) {
    program.kill('SIGKILL');
    await program.exited;
  }
});
afterAll(async () => {
  await database.drop();
  rmSync(secrets, { recursive: true });
});

/** The database of the processes. The caller ends the pool. */
export const openPool = (): Pool => appPool(database);

type Reach = {
  readonly client?: string;
  readonly brokers?: readonly string[];
  readonly registryUrl?: string;
  readonly agentUrl?: string;
  readonly env?: Record<string, string>;
  /** Default: the repository. */
  readonly cwd?: string;
};

/** In the order of `roles`; not yet ready. */
export const startProcesses = async (
  { client = 'kafkajs', brokers, registryUrl, agentUrl, env = {}, ...options }: Reach,
  roles: readonly string[],
) => {
  const redis = makeTestRedis();
  const group = `worker-${randomUUID()}`;
  const environment = (port: number, managementPort: number) => ({
    DD_ENV: 'staging',
    ...(agentUrl === undefined ? { DD_TRACE_ENABLED: 'false' } : { DD_TRACE_AGENT_URL: agentUrl }),
    SECRETS_DIR: secrets,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: String(port),
    HTTP_MANAGEMENT_HOST: '127.0.0.1',
    HTTP_MANAGEMENT_PORT: String(managementPort),
    POSTGRES_HOST: database.host,
    POSTGRES_PORT: String(database.port),
    POSTGRES_DATABASE: database.database,
    POSTGRES_USER: database.appUser,
    REDIS_HOST: redis.host,
    REDIS_PORT: String(redis.port),
    REDIS_KEY_PREFIX: redis.keyPrefix,
    KAFKA_CLIENT: client,
    KAFKA_BROKERS: (brokers ?? inject('kafka').brokers).join(','),
    SCHEMA_REGISTRY_URL: registryUrl ?? inject('registry').url,
    CONSUMERS_GROUP: group,
    LIFECYCLE_DRAIN_DELAY_MS: '0',
    ...env,
  });
  const started = roles.map(async (role) => {
    const [port, managementPort] = [await freePort(), await freePort()];
    const program = startProgram(role, { ...options, execArgv: TRACED, env: environment(port, managementPort) });
    programs.push(program);
    const management = `http://127.0.0.1:${managementPort}`;
    const ready = (): Promise<number> => fetch(`${management}/health/ready`).then(({ status }) => status);
    const metrics = (): Promise<string> => fetch(`${management}/metrics`).then((response) => response.text());
    const becomes = (status: number, deadlineMs = 20_000): Promise<void> =>
      eventually(
        async () => {
          expect(await ready(), program.output.stdout).toBe(status);
        },
        { deadlineMs },
      );
    return { ...program, url: `http://127.0.0.1:${port}`, managementUrl: management, metrics, becomes };
  });
  return Promise.all(started);
};

/** As in a deployment. Returns the output. */
export const registerSchemas = async (): Promise<string> => {
  const migrate = startProgram('migrate', { args: ['schemas'], env: { SCHEMA_REGISTRY_URL: inject('registry').url } });
  programs.push(migrate);
  expect(await migrate.exited, migrate.output.stderr).toBe(0);
  return migrate.output.stdout;
};
