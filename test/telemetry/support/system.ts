// The four processes on real servers. Each has an agent of its own, so that its spans are known, and counters between it and its stores.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Process } from '../../../scripts/telemetry/contract.ts';
import { parseExposition, type Family } from '../../../scripts/telemetry/exposition.ts';
import { makeClient, startNotificationService } from '../../integration/bin-events/support/notification-service.ts';
import {
  postgresAddress,
  registerSchemas,
  secrets,
  startProcesses,
} from '../../integration/bin-events/support/processes.ts';
import { eventually } from '../../support/eventually.ts';
import { PATIENCE } from '../../support/patience.ts';
import { makeTestRedis } from '../../support/test-redis.ts';
import { makeTestTopics } from '../../support/test-topics.ts';
import { toLogLines, type Identity, type LogLine } from './compare.ts';
import { startSpanAgent, type Span } from './span-agent.ts';
import { countPostgres, countRedis } from './wire-counter.ts';

const EXAMPLE = join(import.meta.dirname, '../../../examples/notification-service/src');

/** What one process has emitted. */
export type Emitted = {
  readonly process: Process;
  readonly identity: Identity;
  readonly families: readonly Family[];
  readonly lines: readonly LogLine[];
  readonly spans: readonly Span[];
  /** Paths to which the tracer sent something else than spans. */
  readonly undecoded: readonly string[];
  /** What arrived at the stores. */
  readonly statements: number;
  readonly commands: number;
};

type Running = {
  readonly url: string;
  readonly families: () => Promise<Family[]>;
  /** Ends the process and returns what it emitted, the metrics before its end. */
  readonly end: () => Promise<Emitted>;
};

type Options = { readonly client: string; readonly env: Record<string, string> };

const DEPLOYMENT = { env: 'staging', version: '9.8.7' };
const VARIABLES = { DD_ENV: DEPLOYMENT.env, DD_VERSION: DEPLOYMENT.version };

/** What fails adds spans and lines, so that nothing may fail on a busy machine. */
const PATIENT = { ...PATIENCE, REDIS_COMMAND_TIMEOUT_MS: '5000' };
const READY_MS = 60_000;

const startRole = async (process: Process, { client, env }: Options): Promise<Running> => {
  const agent = await startSpanAgent();
  const postgres = await countPostgres(postgresAddress());
  const redis = await countRedis(makeTestRedis());
  const stores = {
    POSTGRES_HOST: postgres.host,
    POSTGRES_PORT: String(postgres.port),
    REDIS_HOST: redis.host,
    REDIS_PORT: String(redis.port),
  };
  const settings = { ...stores, ...VARIABLES, HTTP_STRICT_LIMIT_PER_MINUTE: '1000', ...PATIENT, ...env };
  const [program] = await startProcesses({ client, agentUrl: agent.url, env: settings }, [process]);
  if (program === undefined) throw new Error('not started');
  await program.becomes(200, READY_MS);
  const families = async (): Promise<Family[]> => parseExposition(await program.metrics());
  const end = async (): Promise<Emitted> => {
    const scraped = await families();
    program.kill('SIGTERM');
    expect(await program.exited, program.output.stdout).toBe(0);
    for (const server of [agent, postgres, redis]) server.close();
    return {
      process,
      identity: { service: 'user-service', ...DEPLOYMENT },
      families: scraped,
      lines: toLogLines(program.output.stdout),
      ...{ spans: agent.spans, undecoded: agent.undecoded },
      ...{ statements: postgres.count(), commands: redis.count() },
    };
  };
  return { url: program.url, families, end };
};

const startExample = async (userServiceUrl: string, secretFile: string, { env }: Options): Promise<Running> => {
  const agent = await startSpanAgent();
  const program = await startNotificationService({
    ...{ userServiceUrl, secretFile, deadlineMs: READY_MS },
    execArgv: ['--import', join(EXAMPLE, 'tracer.ts')],
    env: {
      ...{ KAFKA_GROUP: randomUUID(), OUTBOX_DIRECTORY: join(secrets, randomUUID()), DD_TRACE_AGENT_URL: agent.url },
      ...VARIABLES,
      ...env,
    },
  });
  const families = async (): Promise<Family[]> =>
    parseExposition(await (await fetch(`${program.managementUrl}/metrics`)).text());
  const end = async (): Promise<Emitted> => {
    const scraped = await families();
    program.kill('SIGTERM');
    expect(await program.exited, program.output.stdout).toBe(0);
    agent.close();
    return {
      process: 'notification-service',
      identity: { service: 'notification-service', ...DEPLOYMENT },
      families: scraped,
      lines: toLogLines(program.output.stdout),
      ...{ spans: agent.spans, undecoded: agent.undecoded, statements: 0, commands: 0 },
    };
  };
  return { url: program.url, families, end };
};

/** Ready when it resolves. `env` is given to each process. */
export const startSystem = async (options: Options) => {
  await eventually(registerSchemas, { deadlineMs: READY_MS }); // a registry that has just started takes its time
  await makeTestTopics().open('notification-service.dlq', { partitions: 1 });
  const secretFile = makeClient();
  const api = await startRole('api', options);
  const relay = await startRole('relay', options);
  const worker = await startRole('worker', options);
  const example = await startExample(api.url, secretFile, options);
  return { api, relay, worker, example };
};

export type System = Awaited<ReturnType<typeof startSystem>>;
