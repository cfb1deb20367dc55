// docker-compose.yml on a real Docker engine, from a cold build to `down --volumes`. The steps depend on each other. Times are printed without a limit,
// because they depend on the machine.

import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/eventually.ts';
import { documented, WALKTHROUGH } from './support/documented.ts';
import { logIn, notificationsAbout, order, register, type Account } from './support/purchase.ts';
import { makeStack, type Stack } from './support/stack.ts';

const SERVERS = ['postgres', 'redis', 'kafka', 'registry'];
const PROCESSES = ['api', 'relay', 'worker', 'notification-service'];
const ONE_SHOTS = ['secrets', 'migrations', 'schemas', 'topics'];
const MEMORY_TARGET_BYTES = 1.2e9;

const UP = documented('PostgreSQL, Redis');
const UP_WITH_OBSERVABILITY = documented('the same with Prometheus');
const DOWN = documented('removes all containers, keeps the data');
const REMOVE = documented('removes everything');
const ANONYMOUS = /^[\da-f]{64}$/;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const timed = async (what: string, act: () => Promise<unknown>): Promise<void> => {
  const start = performance.now();
  await act();
  print(`${what}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
};

/** Prints the memory in use. */
const memoryOf = async (stack: Stack): Promise<{ count: number; bytes: number }> => {
  const used = await stack.memory();
  const bytes = [...used.values()].reduce((a, b) => a + b, 0);
  for (const [name, one] of used) print(`  ${(one / 1e6).toFixed(0).padStart(4)} MB  ${name}`);
  print(`memory in use: ${(bytes / 1e6).toFixed(0)} MB, target ${MEMORY_TARGET_BYTES / 1e6} MB`);
  return { count: used.size, bytes };
};

const stateOf = (services: readonly string[], state: string) =>
  Object.fromEntries(services.map((name) => [name, state]));

/** A hash of all secret files of a service. */
const FINGERPRINT = `
  const { createHash } = require('node:crypto'), { readdirSync, readFileSync } = require('node:fs');
  const files = readdirSync('/run/secrets').sort().map((name) => name + readFileSync('/run/secrets/' + name, 'utf8'));
  console.log(createHash('sha256').update(files.join()).digest('hex'));`;

const readJson = async <T>(url: string): Promise<T> => (await (await fetch(url)).json()) as T;

type Targets = { data: { activeTargets: { labels: { job: string }; health: string; lastError: string }[] } };

type Rules = { data: { groups: { rules: { lastError?: string }[] }[] } };
type Alertmanagers = { data: { activeAlertmanagers: unknown[] } };

/** In a container: how long the resolver takes to say that there is no such host. */
const LOOK_UP = `
  const start = performance.now();
  require('node:dns').lookup('jaeger', ({ code }) => console.log(code, Math.round(performance.now() - start), 'ms'));`;

describe('docker compose', () => {
  let stack: Stack;
  /** The services of the profile whose images are there. */
  let observability: ReadonlySet<string>;
  let account: Account;
  let secretsOfApi: string;

  const fingerprint = (): Promise<string> => stack.compose('exec', '--no-TTY', 'api', 'node', '-e', FINGERPRINT);

  beforeAll(async () => {
    stack = await makeStack();
    await timed('cold build of both images, without cache', () => stack.compose('build', '--quiet', '--no-cache'));
  });
  afterAll(() => stack.remove());

  it('starts every service after its dependencies', async () => {
    await timed('first up, with initdb, migrations, schemas and topics', () => stack.run(UP));
    await stack.volumes();
    expect(await stack.states()).toEqual({
      ...stateOf([...SERVERS, ...PROCESSES], 'healthy'),
      ...stateOf(ONE_SHOTS, 'exited 0'),
    });
  });

  it('confirms an order and sends the notification about it', async () => {
    account = await register(stack.urls.api);
    const { id, status } = await order(stack.urls.api, await logIn(stack.urls.api, account));
    expect(status).toBe('confirmed');
    expect(await notificationsAbout(stack.urls.notifications, account.id, id)).toEqual(['order-confirmed']);
  });

  it('uses less memory than the target', async () => {
    const used = await memoryOf(stack);
    expect(used.count).toBe(SERVERS.length + PROCESSES.length);
    expect(used.bytes).toBeLessThan(MEMORY_TARGET_BYTES);
  });

  it('logs nothing about traces that nobody receives', async () => {
    const lines = await stack.compose('logs', '--no-log-prefix', 'api', 'relay', 'worker');
    expect(lines).toContain('order placed');
    expect(lines).not.toMatch(/ENOTFOUND|ECONNREFUSED|EAI_AGAIN|Error sending|jaeger:/);
    print(
      `look-up of a host that is not there: ${await stack.compose('exec', '--no-TTY', 'api', 'node', '-e', LOOK_UP)}`,
    );
  });

  it('starts the profile observability', async () => {
    const { available, missing } = await stack.profile('observability');
    for (const name of missing)
      print(`SKIPPED: ${name}, because its image is not on this machine and can not be pulled`);
    observability = new Set(available);
    const only = missing.length === 0 ? '' : ` ${[...PROCESSES, ...available].join(' ')}`;
    await timed('up with the profile observability', () => stack.run(`${UP_WITH_OBSERVABILITY}${only}`));
    await stack.volumes();
    expect(await stack.states()).toMatchObject(stateOf([...PROCESSES, ...available], 'healthy'));
    await stack.run(`${UP_WITH_OBSERVABILITY}${only}`); // changes nothing
  });

  it('lets Prometheus scrape every process', async () => {
    const targets = await eventually(
      async () => {
        const response = await fetch(`${stack.urls.prometheus}/api/v1/targets?state=active`);
        const { data } = (await response.json()) as Targets;
        expect(data.activeTargets.filter(({ health }) => health !== 'up')).toEqual([]);
        return data.activeTargets;
      },
      { deadlineMs: 60_000, everyMs: 500 },
    );
    expect(targets.map(({ labels }) => labels.job)).toEqual(expect.arrayContaining(PROCESSES));
    expect(targets).toHaveLength(PROCESSES.length);
  });

  it('evaluates the rules and reaches Alertmanager', async ({ skip }) => {
    if (!observability.has('alertmanager')) skip('no image of Alertmanager');
    const rules = await readJson<Rules>(`${stack.urls.prometheus}/api/v1/rules`);
    const all = rules.data.groups.flatMap((group) => group.rules);
    expect(all.length).toBeGreaterThan(50);
    expect(all.filter(({ lastError }) => lastError !== undefined)).toEqual([]);
    await eventually(
      async () => {
        const { data } = await readJson<Alertmanagers>(`${stack.urls.prometheus}/api/v1/alertmanagers`);
        expect(data.activeAlertmanagers).toHaveLength(1);
      },
      { deadlineMs: 30_000 },
    );
    expect((await fetch(`${stack.urls.alertmanager}/-/ready`)).status).toBe(200);
  });

  it('sends a page to the receiver of pages, with its runbook', async ({ skip }) => {
    if (!observability.has('alertmanager')) skip('no image of Alertmanager');
    const alertname = `Planted${randomUUID().slice(0, 8)}`;
    const alert = { labels: { alertname, severity: 'page' }, annotations: { runbook_url: 'runbooks/planted.md' } };
    const headers = { 'content-type': 'application/json' };
    const url = `${stack.urls.alertmanager}/api/v2/alerts`;
    expect((await fetch(url, { method: 'POST', headers, body: JSON.stringify([alert]) })).status).toBe(200);
    const fields = { receiver: '/page', status: 'firing', alertname, severity: 'page', ...alert.annotations };
    await eventually(
      async () => {
        expect(await stack.compose('logs', '--no-log-prefix', 'alert-log')).toContain(JSON.stringify(fields));
      },
      { deadlineMs: 30_000, everyMs: 500 },
    );
  });

  it('lets a reader follow one order from the log to its trace and its exemplar', async ({ skip }) => {
    if (!observability.has('jaeger')) skip('no image of Jaeger');
    const output = await stack.shell(WALKTHROUGH);
    const [, traceId = ''] = /"dd\.trace_id":"([\da-f]{32})".*"order placed"/.exec(output) ?? [];
    expect(output).toMatch(new RegExp(`"dd\\.trace_id":"${traceId}".*"order confirmed"`)); // eslint-disable-line security/detect-non-literal-regexp -- hex digits
    for (const operation of ['outbox.publish', 'event.consume', 'pg.query']) expect(output).toContain(operation);
    expect(output).toContain(`"traceID":"${traceId}"`);
    expect(output).toContain(`{"labels":{"trace_id":"${traceId}"}`);
  });

  it('shows the dashboards in Grafana without an account', async ({ skip }) => {
    if (!observability.has('grafana')) skip('no image of Grafana');
    const found = await readJson<{ uid: string }[]>(`${stack.urls.grafana}/api/search?tag=user-service`);
    expect(found.map(({ uid }) => uid)).toContain('user-service-overview');
    expect(found).toHaveLength(5);
  });

  it('uses less memory than the target with the profile, too', async () => {
    expect((await memoryOf(stack)).bytes).toBeLessThan(MEMORY_TARGET_BYTES);
  });

  it('stops every process with exit code 0', async () => {
    secretsOfApi = await fingerprint();
    await stack.volumes();
    await timed('stop', () => stack.compose('stop'));
    expect(await stack.states()).toMatchObject(stateOf(PROCESSES, 'exited 0'));
  });

  it('keeps secrets, accounts and schemas across down and up', async () => {
    await stack.run(DOWN);
    await timed('warm up, with images and data', () => stack.run(UP));
    await stack.volumes();
    expect(await fingerprint()).toBe(secretsOfApi);
    const { id, status } = await order(stack.urls.api, await logIn(stack.urls.api, account));
    expect(status).toBe('confirmed');
    expect(await notificationsAbout(stack.urls.notifications, account.id, id)).toEqual(['order-confirmed']);
  });

  it('starts only the four servers', async () => {
    await stack.run(DOWN);
    await timed('only the four servers', () => stack.compose('up', '--wait', ...SERVERS));
    expect(await stack.states()).toEqual({ ...stateOf(SERVERS, 'healthy'), secrets: 'exited 0' });
  });

  it('leaves no container, volume or network behind, also with every profile', async () => {
    const { available, missing } = await stack.profile('observability');
    await stack.run(
      missing.length === 0
        ? UP_WITH_OBSERVABILITY
        : `${UP_WITH_OBSERVABILITY} ${[...PROCESSES, ...available].join(' ')}`,
    );
    const volumes = await stack.volumes();
    expect(volumes.length).toBeGreaterThan(9);
    expect(volumes.filter((name) => ANONYMOUS.test(name))).toEqual([]);
    await stack.run(REMOVE);
    expect(await stack.leftovers()).toEqual([]);
  });
});
