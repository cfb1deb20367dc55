// The processes with APM=newrelic against a double of New Relic's collector: what arrives, what must not, and what happens when it does not work.

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { registerSchemas, startProcesses } from '../integration/bin-events/support/processes.ts';
import { eventually } from '../support/eventually.ts';
import { ENTITY_GUID, startNewRelicCollector, type NewRelicCollector } from '../support/new-relic-collector.ts';
import { makeTcpProxy } from '../support/tcp-proxy.ts';

/** A harvest of the agent, and a delivery, on a busy machine. */
const DELIVERED = { deadlineMs: 30_000 };

const unique = randomUUID().slice(0, 8);
const PERSON = {
  username: `zerlina-${unique}`,
  name: 'Ottilie Quendelbach',
  email: `mailbox-${unique}@quendelbach.example`,
  password: 'seven violet harbours',
};
/** Documentation range of RFC 5737. */
const ADDRESS = '203.0.113.77';
const FOREIGN = '4bf92f3577b34da6a3ce929d0e0e4736';
const HEADERS = {
  'x-forwarded-for': ADDRESS,
  'user-agent': `agent-${unique}`,
  referer: `https://referer-${unique}.example/`,
  traceparent: `00-${FOREIGN}-00f067aa0ba902b7-01`,
  newrelic: 'eyJ2IjpbMCwxXX0=',
};

const callOnce = async (url: string, method: string, path: string, body?: object, token = '') => {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      ...HEADERS,
      ...(body && { 'content-type': 'application/json' }),
      ...(token !== '' && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, string> };
};

/** Again when the process sheds load: the machine of a test run may be busy. */
const call = (...request: Parameters<typeof callOnce>) =>
  eventually(
    async () => {
      const response = await callOnce(...request);
      expect(response.status).not.toBe(503);
      return response;
    },
    { deadlineMs: 20_000 },
  );

type Line = Readonly<Record<string, string>>;
const linesOf = (output: string): Line[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
const lineOf = (output: string, message: string): Line => {
  const line = linesOf(output).find(({ msg }) => msg === message);
  if (line === undefined) throw new Error(`no line "${message}" in:\n${output}`);
  return line;
};
const messagesAbout = (output: string): string[] =>
  linesOf(output)
    .filter(({ dependency, config }) => dependency === 'newrelic' && config === undefined)
    .map(({ msg, reason }) => [msg, reason].filter(Boolean).join(': '));

/** Registers, signs in, reads, is refused, guesses, and places an order. Returns what must not leave: ids, tokens and what was typed. */
const liveALife = async (url: string): Promise<string[]> => {
  const { id = '' } = (await call(url, 'POST', '/users', PERSON)).body;
  await call(url, 'POST', '/users', PERSON);
  const credentials = { login: PERSON.email, password: PERSON.password };
  const { access_token: token = '', refresh_token: refresh = '' } = (
    await call(url, 'POST', '/auth/login', credentials)
  ).body;
  await call(url, 'POST', '/auth/login', { ...credentials, password: 'eleven copper lanterns' });
  expect((await call(url, 'GET', `/users/${id}`, undefined, token)).status).toBe(200);
  await call(url, 'GET', `/nothing/${PERSON.username}?token=${token}&cursor=cursor-${unique}`);
  const order = (await call(url, 'POST', '/orders', { amountMinor: 1999, currency: 'EUR' }, token)).body;
  await eventually(
    async () => {
      expect((await call(url, 'GET', `/orders/${order.id ?? ''}`, undefined, token)).body.status).toBe('confirmed');
    },
    { deadlineMs: 20_000 },
  );
  const sent = Object.values(HEADERS).filter((value) => value !== HEADERS.traceparent);
  return [
    ...Object.values(PERSON),
    ...sent,
    FOREIGN,
    `cursor-${unique}`,
    'eleven copper',
    id,
    order.id ?? '',
    token,
    refresh,
  ];
};

const started = async (collector: Pick<NewRelicCollector, 'env'>, roles: readonly string[], env = {}) => {
  const processes = await startProcesses({ env: { ...collector.env, HTTP_TRUST_PROXY: '127.0.0.1', ...env } }, roles);
  await Promise.all(processes.map((process) => process.becomes(200, 90_000)));
  return processes;
};

const ended = async (processes: Awaited<ReturnType<typeof started>>): Promise<void> => {
  for (const process of processes) {
    process.kill('SIGTERM');
    expect(await process.exited, process.output.stderr).toBe(0);
    expect(process.output.stderr).toBe('');
  }
};

describe('the processes with New Relic', { timeout: 180_000 }, () => {
  it('send one registration and one order as one trace, with its ids on log lines, and nothing that a user typed', async () => {
    await registerSchemas();
    const collector = await startNewRelicCollector();
    const processes = await started(collector, ['api', 'relay', 'worker'], { DD_VERSION: '9.8.7' });
    const [api, , worker] = processes;
    if (!api || !worker) throw new Error('not started');
    // sent after a connection; before it, the lines have no entity.guid
    await eventually(() => {
      expect(collector.calls().filter(({ method }) => method === 'agent_settings')).toHaveLength(3);
    });
    const canaries = await liveALife(api.url);
    await ended(processes);

    const placed = lineOf(api.output.stdout, 'order placed');
    const confirmed = lineOf(worker.output.stdout, 'order confirmed');
    expect(placed['trace.id']).toMatch(/^[\da-f]{32}$/);
    expect(confirmed['trace.id']).toBe(placed['trace.id']);
    expect(placed).toMatchObject({ 'entity.name': 'user-service', 'entity.guid': ENTITY_GUID, 'dd.version': '9.8.7' });
    expect(Object.keys(placed).filter((field) => /^dd\.(?:trace|span)_id$|^NR-LINKING/.test(field))).toEqual([]);

    const trace = collector.spans().filter(({ traceId }) => traceId === placed['trace.id']);
    const ids = trace.map(({ guid }) => guid);
    for (const line of [placed, confirmed]) expect(ids).toContain(line['span.id']);
    const roots = trace.filter((span) => span['nr.entryPoint'] === true);
    expect(roots.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'WebTransaction/WebFrameworkUri/Fastify/POST//api/v1/orders',
        'OtherTransaction/Messages/outbox.publish/OrderPlaced',
        'OtherTransaction/Messages/event.consume/user-service.orders.v1',
      ]),
    );
    for (const { parentId } of roots.filter(({ name }) => String(name).startsWith('Other')))
      expect(ids).toContain(parentId);
    const stores = new Set(trace.map(({ name }) => String(name)).filter((name) => name.startsWith('Datastore')));
    for (const name of ['outbox/insert', 'orders/select', 'orders/update'])
      expect(stores).toContain(`Datastore/statement/Postgres/${name}`);

    expect(collector.metric('Custom/user.registrations').slice(0, 1)).toEqual([1]);
    const [count = 0, total = 0] = collector.metric('Custom/order.processing.time');
    expect({ count, inRange: total > 0 && total < 30 }).toEqual({ count: 1, inRange: true });
    expect(collector.metric('Custom/orders.decided/confirmed').slice(0, 1)).toEqual([1]);
    expect(collector.metric('Errors/all')).toEqual([]);
    for (const { labels, app_name: name } of collector.connections()) {
      expect(name).toEqual(['user-service']);
      expect(labels).toEqual([
        { label_type: 'env', label_value: 'staging' },
        { label_type: 'version', label_value: '9.8.7' },
      ]);
    }

    const sent = collector.calls().map(({ method, body }) => ({ method, body }));
    expect(
      sent.flatMap(({ method, body }) => canaries.filter((text) => body.includes(text)).map((text) => [method, text])),
    ).toEqual([]);
    expect(collector.methods()).not.toContain('log_event_data');
    collector.close();
  });

  it('go on while New Relic is away: one line when nothing is delivered any more, one when it is again', async () => {
    const collector = await startNewRelicCollector();
    const proxy = await makeTcpProxy({ host: '127.0.0.1', port: Number(collector.env.NEW_RELIC_PORT) });
    const env = { ...collector.env, NEW_RELIC_PORT: String(proxy.port) };
    const processes = await started({ env }, ['api']);
    const [api] = processes;
    if (!api) throw new Error('not started');
    const output = () => messagesAbout(api.output.stdout);
    const request = async () => {
      expect((await call(api.url, 'GET', '/users/unknown')).status).toBe(401);
    };
    const untilLines = (count: number) =>
      eventually(async () => {
        await request();
        expect(output()).toHaveLength(count);
      }, DELIVERED);
    await eventually(() => {
      expect(collector.methods()).toContain('metric_data');
    });
    proxy.down();
    await untilLines(1);
    proxy.up();
    await untilLines(2);
    await eventually(async () => {
      const metrics = await api.metrics();
      expect(metrics).toMatch(/^telemetry_exporter_up\{exporter="newrelic".*\} 1$/m);
      expect(metrics).toMatch(/^telemetry_points_total\{exporter="newrelic",result="sent".*\} [1-9]/m);
    }, DELIVERED);
    await ended(processes);
    await proxy.close();
    collector.close();
    expect(output()).toEqual([
      expect.stringMatching(/^telemetry is degraded: metrics are not delivered: New Relic cannot be reached \(E\w+\)$/),
      'telemetry is delivered again',
    ]);
  });

  it.each([
    ['refuses the license key', { NEW_RELIC_LICENSE_KEY: 'another-key-of-forty-characters-aaaaaaaa' }, 200],
    ['has ended the connection: nothing is sent until the process is restarted', {}, 410],
  ])('go on, with one line and nothing else, when New Relic %s', async (reason, env, status) => {
    const collector = await startNewRelicCollector();
    collector.respond(status);
    const processes = await started(collector, ['api'], env);
    const [api] = processes;
    if (!api) throw new Error('not started');
    await eventually(() => {
      expect(messagesAbout(api.output.stdout)).toHaveLength(1);
    });
    expect((await call(api.url, 'GET', '/users/unknown')).status).toBe(401);
    expect(await api.metrics()).toMatch(/^telemetry_exporter_up\{exporter="newrelic".*\} 0$/m);
    await ended(processes);
    collector.close();
    expect(messagesAbout(api.output.stdout)).toEqual([
      `telemetry is degraded: metrics are not delivered: New Relic ${reason}`,
    ]);
  });
});
