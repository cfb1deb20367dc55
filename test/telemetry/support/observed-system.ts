// The four processes on the real servers of the run, with traffic that touches every metric of the dashboards.

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, inject } from 'vitest';

import { EVENT_TOPICS } from '../../../src/messaging/event-topics.ts';
import { logIn, order, register } from '../../compose/support/purchase.ts';
import { programs, registerSchemas, secrets, startProcesses } from '../../integration/bin-events/support/processes.ts';
import { RAW_MESSAGES, writeRaw } from '../../integration/kafka/raw-messages.ts';
import { startProgram } from '../../support/child-process.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { makeTestTopics } from '../../support/test-topics.ts';

const NOTIFICATION_SERVICE = '../../examples/notification-service/src/main';

/** @returns the path of the client's secret file */
const makeClient = (): string => {
  const secret = randomBytes(24).toString('base64url');
  const file = join(secrets, 'notification_service_secret');
  writeFileSync(file, secret);
  const secretSha256 = [createHash('sha256').update(secret).digest('hex')];
  const clients = { 'notification-service': { secretSha256, scopes: ['users:read'] } };
  writeFileSync(join(secrets, 'auth_clients'), JSON.stringify(clients));
  return file;
};

const startNotificationService = async (userServiceUrl: string, secretFile: string) => {
  const [port, managementPort] = [await freePort(), await freePort()];
  const program = startProgram(NOTIFICATION_SERVICE, {
    env: {
      ...{ HTTP_HOST: '127.0.0.1', HTTP_PORT: String(port), MANAGEMENT_PORT: String(managementPort) },
      ...{ KAFKA_BROKERS: inject('kafka').brokers.join(','), SCHEMA_REGISTRY_URL: inject('registry').url },
      ...{ USER_SERVICE_URL: userServiceUrl, USER_SERVICE_CLIENT_SECRET_FILE: secretFile },
      OUTBOX_DIRECTORY: join(secrets, 'outbox'),
    },
  });
  programs.push(program);
  const management = `http://127.0.0.1:${managementPort}`;
  await eventually(
    async () => {
      expect((await fetch(`${management}/health/ready`)).status, program.output.stdout).toBe(200);
    },
    { deadlineMs: 60_000 },
  );
  return { management, output: program.output };
};

/** @param tracesUrl where spans go, as OTLP */
export const startSystem = async (tracesUrl: string) => {
  await registerSchemas();
  await makeTestTopics().open('notification-service.dlq', { partitions: 1 });
  const secretFile = makeClient();
  const env = {
    HTTP_STRICT_LIMIT_PER_MINUTE: '1000',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: tracesUrl,
  };
  const reach = { agentUrl: 'http://127.0.0.1:1', env };
  const [api, relay, worker] = await startProcesses(reach, ['api', 'relay', 'worker']);
  if (!api || !relay || !worker) throw new Error('not started');
  await Promise.all([api, relay, worker].map(({ becomes }) => becomes(200, 60_000)));
  const notifications = await startNotificationService(api.url, secretFile);
  return {
    url: api.url,
    targets: {
      api: api.managementUrl,
      relay: relay.managementUrl,
      worker: worker.managementUrl,
      'notification-service': notifications.management,
    },
    output: (): Record<string, string> => ({
      api: api.output.stdout,
      relay: relay.output.stdout,
      worker: worker.output.stdout,
    }),
  };
};

const statusOf = async (url: string, init: RequestInit = {}): Promise<number> => (await fetch(url, init)).status;

/** A user who signs in, reads from the database and the cache, and orders; and requests that are refused. */
const visit = async (api: string): Promise<void> => {
  const account = await register(api);
  const token = await logIn(api, account);
  const own = { headers: { authorization: `Bearer ${token}` } };
  for (let reads = 0; reads < 4; reads += 1) await statusOf(`${api}/api/v1/users/${account.id}`, own);
  await order(api, token);
  await statusOf(`${api}/api/v1/users/${randomUUID()}`);
  await statusOf(`${api}/nowhere`);
  const wrong = JSON.stringify({ login: account.username, password: 'not the password' });
  const headers = { 'content-type': 'application/json' };
  await statusOf(`${api}/api/v1/auth/login`, { method: 'POST', headers, body: wrong });
};

const NEEDED_VISITS = 4;
const PATIENCE_MS = 60_000;

/** @param seconds how long users visit: longer than a few scrapes, because a rate needs two of them */
export const makeTraffic = async (api: string, seconds: number): Promise<void> => {
  const messages = Object.values(RAW_MESSAGES).map((message) => ({ ...message, timestamp: BigInt(Date.now()) }));
  await writeRaw(inject('kafka').brokers, EVENT_TOPICS.OrderPlaced, messages);
  const end = performance.now() + seconds * 1000;
  let visits = 0;
  while (performance.now() < end || visits < NEEDED_VISITS) {
    // a busy machine sheds requests with 503: then another user visits
    await visit(api).then(
      () => (visits += 1),
      (error: unknown) => {
        if (performance.now() > end + PATIENCE_MS) throw error;
      },
    );
  }
};
