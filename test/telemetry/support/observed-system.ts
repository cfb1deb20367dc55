// The four processes on the real servers of the run, with traffic that touches every metric of the dashboards.

import { randomUUID } from 'node:crypto';

import { inject } from 'vitest';

import { EVENT_TOPICS } from '../../../src/messaging/event-topics.ts';
import { logIn, order, register } from '../../compose/support/purchase.ts';
import { makeClient, startNotificationService } from '../../integration/bin-events/support/notification-service.ts';
import { registerSchemas, startProcesses } from '../../integration/bin-events/support/processes.ts';
import { RAW_MESSAGES, writeRaw } from '../../integration/kafka/raw-messages.ts';
import { makeTestTopics } from '../../support/test-topics.ts';

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
  const notifications = await startNotificationService({ userServiceUrl: api.url, secretFile, deadlineMs: 60_000 });
  return {
    url: api.url,
    targets: {
      api: api.managementUrl,
      relay: relay.managementUrl,
      worker: worker.managementUrl,
      'notification-service': notifications.managementUrl,
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
