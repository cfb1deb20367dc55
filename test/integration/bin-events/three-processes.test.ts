// api, relay and worker as three processes on real Kafka and a real registry: the journey of an order, its one trace, and a start without them.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { newSigningKey } from '../../../src/auth/new-signing-key.ts';
import { EVENT_TOPICS } from '../../../src/outbox/event-topics.ts';
import { startProgram } from '../../support/child-process.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { makeTcpProxy } from '../../support/tcp-proxy.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { makeTestRedis } from '../../support/test-redis.ts';
import { makeTestTopics } from '../../support/test-topics.ts';
import { startTraceAgent } from '../../support/trace-agent.ts';
import { makeBrokerProxy } from '../kafka/broker-proxy.ts';

const secrets = mkdtempSync(join(tmpdir(), 'user-service-secrets-'));
const TRACED = ['--import', join(import.meta.dirname, '../../../src/observability/tracer.ts')];
let database: TestDatabase;
const programs: ReturnType<typeof startProgram>[] = [];

beforeAll(async () => {
  database = await makeTestDatabase();
  writeFileSync(join(secrets, 'postgres_password'), database.appPassword);
  writeFileSync(join(secrets, 'auth_signing_keys'), JSON.stringify({ keys: [await newSigningKey()] }));
  const topics = makeTestTopics();
  for (const topic of new Set(Object.values(EVENT_TOPICS))) {
    await topics.open(topic, { partitions: 3 });
    await topics.open(`${topic}.dlq`, { partitions: 3 });
  }
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

type Reach = {
  readonly client?: string;
  readonly brokers?: readonly string[];
  readonly registryUrl?: string;
  readonly agentUrl?: string;
};

const startProcesses = async (
  { client = 'kafkajs', brokers, registryUrl, agentUrl }: Reach,
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
  });
  const started = roles.map(async (role) => {
    const [port, managementPort] = [await freePort(), await freePort()];
    const program = startProgram(role, { execArgv: TRACED, env: environment(port, managementPort) });
    programs.push(program);
    const management = `http://127.0.0.1:${managementPort}`;
    const ready = (): Promise<number> => fetch(`${management}/health/ready`).then(({ status }) => status);
    const metrics = (): Promise<string> => fetch(`${management}/metrics`).then((answer) => answer.text());
    const becomes = (status: number, deadlineMs = 20_000): Promise<void> =>
      eventually(
        async () => {
          expect(await ready(), program.output.stdout).toBe(status);
        },
        { deadlineMs },
      );
    return { ...program, url: `http://127.0.0.1:${port}/api/v1`, metrics, becomes };
  });
  return Promise.all(started);
};

const registerSchemas = async (): Promise<string> => {
  const migrate = startProgram('migrate', { args: ['schemas'], env: { SCHEMA_REGISTRY_URL: inject('registry').url } });
  programs.push(migrate);
  expect(await migrate.exited, migrate.output.stderr).toBe(0);
  return migrate.output.stdout;
};

const send = async (url: string, method: string, body?: object, token?: string) => {
  const answer = await fetch(url, {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as Record<string, string>;
};

const lineOf = (output: string, message: string): Record<string, string> | undefined =>
  output
    .split('\n')
    .filter((line) => line.includes(`"${message}"`))
    .map((line) => JSON.parse(line) as Record<string, string>)
    .at(0);

describe('three processes', { timeout: 120_000 }, () => {
  it('register the schemas of a release, again and again', async () => {
    const first = await registerSchemas();
    expect(first.trim().split('\n')).toHaveLength(7);
    expect(await registerSchemas()).not.toContain('registered:');
  });

  it.each(['kafkajs', 'platformatic'])(
    'confirm an order with %s, in one trace from the request to the worker, and end with 0',
    async (client) => {
      await registerSchemas();
      const agent = await startTraceAgent();
      const [api, relay, worker] = await startProcesses({ client, agentUrl: agent.url }, ['api', 'relay', 'worker']);
      if (!api || !relay || !worker) throw new Error('not started');
      await Promise.all([api.becomes(200), relay.becomes(200), worker.becomes(200)]);

      const ann = { username: `ann-${randomUUID().slice(0, 8)}`, name: 'Ann', password: 'three quiet rivers' };
      await send(`${api.url}/users`, 'POST', { ...ann, email: `${ann.username}@example.com` });
      const { access_token: token } = await send(`${api.url}/auth/login`, 'POST', {
        login: ann.username,
        password: ann.password,
      });
      const placed = await send(`${api.url}/orders`, 'POST', { amountMinor: 1999, currency: 'EUR' }, token);
      expect(placed.status).toBe('placed');
      await eventually(
        async () => {
          expect((await send(`${api.url}/orders/${placed.id ?? ''}`, 'GET', undefined, token)).status).toBe(
            'confirmed',
          );
        },
        { deadlineMs: 10_000 },
      );
      await eventually(async () => {
        expect(await worker.metrics()).toMatch(/^order_processing_time_seconds_count\{.*status="confirmed".*\} 1$/m);
        expect(await relay.metrics()).toMatch(/^outbox_published_total\{topic="user-service.users.v1".*\} 1$/m);
      });

      for (const program of [api, relay, worker]) {
        program.kill('SIGTERM');
        expect(await program.exited, program.output.stdout).toBe(0);
      }
      const traceId = lineOf(api.output.stdout, 'order placed')?.['dd.trace_id'] ?? '';
      expect(traceId).toMatch(/^[\da-f]{32}$/);
      expect(lineOf(worker.output.stdout, 'order confirmed')?.['dd.trace_id']).toBe(traceId);
      const spans = agent.spans();
      for (const name of ['fastify.request', 'outbox.publish', 'event.consume'])
        expect(spans.includes(name)).toBe(true);
      expect(agent.countTrace(traceId)).toBeGreaterThanOrEqual(3);
      agent.close();
    },
  );

  it.each(['relay', 'worker'])(
    'start without Kafka and registry: the %s is not ready, and is within 5 s of their return',
    async (role) => {
      await registerSchemas();
      const [broker = ''] = inject('kafka').brokers;
      const [host = '', port = ''] = broker.split(':');
      const kafka = await makeBrokerProxy({ host, port: Number(port) });
      const { hostname, port: registryPort, pathname } = new URL(inject('registry').url);
      const registry = await makeTcpProxy({ host: hostname, port: Number(registryPort) });
      kafka.down();
      registry.down();
      const registryUrl = `http://${registry.host}:${registry.port}${pathname}`;
      const [program] = await startProcesses({ brokers: kafka.brokers, registryUrl }, [role]);
      await program?.becomes(503);
      kafka.up();
      registry.up();
      await program?.becomes(200, 5000);
      program?.kill('SIGTERM');
      expect(await program?.exited).toBe(0);
      await Promise.all([kafka.close(), registry.close()]);
    },
  );
});
