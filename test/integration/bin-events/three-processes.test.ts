// api, relay and worker as three processes on real Kafka and a real registry: an order, its trace, and a start while both are down.

import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { makeTcpProxy } from '../../support/tcp-proxy.ts';
import { startTraceAgent } from '../../support/trace-agent.ts';
import { makeBrokerProxy } from '../kafka/broker-proxy.ts';
import { registerSchemas, startProcesses } from './support/processes.ts';

const send = async (url: string, method: string, body?: object, token?: string) => {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, string>;
};

/** Series that must exist before their first event, in every process: an alert does not see the first increase of a new one. */
const KNOWN_SERIES = [
  'sign_ins_total{result="refused"',
  'session_refreshes_total{result="reused"',
  'cache_requests_total{cache="users",result="error"',
  'orders_decided_total{status="rejected"',
  'outbox_published_total{topic="user-service.users.v1"',
  'events_consumed_total{topic="user-service.orders.v1",result="dead-lettered"',
  'http_requests_shed_total{',
];

const lineOf = (output: string, message: string): Record<string, string> | undefined =>
  output
    .split('\n')
    .filter((line) => line.includes(`"${message}"`))
    .map((line) => JSON.parse(line) as Record<string, string>)
    .at(0);

describe('three processes', { timeout: 120_000 }, () => {
  it('register the schemas of a release, repeatedly', async () => {
    const first = await registerSchemas();
    expect(first.trim().split('\n')).toHaveLength(7);
    expect(await registerSchemas()).not.toMatch(/^registered /m);
  });

  it.each(['kafkajs', 'platformatic'])(
    'confirm an order with %s, in one trace from the request to the worker, and end with 0',
    async (client) => {
      await registerSchemas();
      const agent = await startTraceAgent();
      const [api, relay, worker] = await startProcesses({ client, agentUrl: agent.url }, ['api', 'relay', 'worker']);
      if (!api || !relay || !worker) throw new Error('not started');
      await Promise.all([api.becomes(200), relay.becomes(200), worker.becomes(200)]);

      for (const { metrics } of [api, relay, worker]) {
        const text = await metrics();
        expect(KNOWN_SERIES.filter((series) => !text.includes(`\n${series}`))).toEqual([]);
      }

      const ann = { username: `ann-${randomUUID().slice(0, 8)}`, name: 'Ann', password: 'three quiet rivers' };
      await send(`${api.url}/api/v1/users`, 'POST', { ...ann, email: `${ann.username}@example.com` });
      const { access_token: token } = await send(`${api.url}/api/v1/auth/login`, 'POST', {
        login: ann.username,
        password: ann.password,
      });
      const placed = await send(`${api.url}/api/v1/orders`, 'POST', { amountMinor: 1999, currency: 'EUR' }, token);
      expect(placed.status).toBe('placed');
      await eventually(
        async () => {
          expect((await send(`${api.url}/api/v1/orders/${placed.id ?? ''}`, 'GET', undefined, token)).status).toBe(
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
    'start without Kafka and registry: the %s is unready, and ready within 5 s after they are back',
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
