// docker-compose.yml on a real engine, from an image that is not there yet to a machine that shows nothing of it any more. The steps build upon each
// other. Times are printed, not judged: engines and disks differ too much.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/eventually.ts';
import { logIn, notificationsAbout, order, register, type Account } from './support/purchase.ts';
import { makeStack, type Stack } from './support/stack.ts';

const SERVERS = ['postgres', 'redis', 'kafka', 'registry'];
const PROCESSES = ['api', 'relay', 'worker', 'notification-service'];
const ONE_SHOTS = ['secrets', 'migrations', 'schemas', 'topics'];
const MEMORY_GOAL_BYTES = 1.2e9;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const timed = async (what: string, act: () => Promise<unknown>): Promise<void> => {
  const start = performance.now();
  await act();
  say(`${what}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
};

const stateOf = (services: readonly string[], state: string) =>
  Object.fromEntries(services.map((name) => [name, state]));

/** Of all files that the service sees as secrets. */
const FINGERPRINT = `
  const { createHash } = require('node:crypto'), { readdirSync, readFileSync } = require('node:fs');
  const files = readdirSync('/run/secrets').sort().map((name) => name + readFileSync('/run/secrets/' + name, 'utf8'));
  console.log(createHash('sha256').update(files.join()).digest('hex'));`;

type Targets = { data: { activeTargets: { labels: { job: string }; health: string; lastError: string }[] } };

describe('docker compose', () => {
  let stack: Stack;
  let account: Account;
  let secretsOfApi: string;

  const fingerprint = (): Promise<string> => stack.compose('exec', '--no-TTY', 'api', 'node', '-e', FINGERPRINT);

  beforeAll(async () => {
    stack = await makeStack();
    await timed('cold build of both images, no layer kept', () => stack.compose('build', '--quiet', '--no-cache'));
  });
  afterAll(() => stack.remove());

  it('starts everything, each service after those that it needs', async () => {
    await timed('first up, with initdb, migrations, schemas and topics', () => stack.up());
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

  it('uses less memory than its goal', async () => {
    const used = await stack.memory();
    const sum = [...used.values()].reduce((a, b) => a + b, 0);
    for (const [name, bytes] of used) say(`  ${(bytes / 1e6).toFixed(0).padStart(4)} MB  ${name}`);
    say(`memory in use: ${(sum / 1e6).toFixed(0)} MB, goal ${MEMORY_GOAL_BYTES / 1e6} MB`);
    expect(used.size).toBe(SERVERS.length + PROCESSES.length);
    expect(sum).toBeLessThan(MEMORY_GOAL_BYTES);
  });

  it('lets Prometheus scrape every process', async () => {
    await stack.compose('up', '--wait');
    const targets = await eventually(
      async () => {
        const answer = await fetch(`${stack.urls.prometheus}/api/v1/targets?state=active`);
        const { data } = (await answer.json()) as Targets;
        expect(data.activeTargets.filter(({ health }) => health !== 'up')).toEqual([]);
        return data.activeTargets;
      },
      { deadlineMs: 60_000, everyMs: 500 },
    );
    expect(targets.map(({ labels }) => labels.job)).toEqual(expect.arrayContaining(PROCESSES));
    expect(targets).toHaveLength(PROCESSES.length);
  });

  it('ends every process with 0 when it is told to stop', async () => {
    secretsOfApi = await fingerprint();
    await timed('stop', () => stack.compose('stop'));
    expect(await stack.states()).toMatchObject(stateOf(PROCESSES, 'exited 0'));
  });

  it('keeps secrets, accounts and schemas when it goes down and comes up again', async () => {
    await stack.compose('down');
    await timed('warm up, images and data there', () => stack.up());
    expect(await fingerprint()).toBe(secretsOfApi);
    const { id, status } = await order(stack.urls.api, await logIn(stack.urls.api, account));
    expect(status).toBe('confirmed');
    expect(await notificationsAbout(stack.urls.notifications, account.id, id)).toEqual(['order-confirmed']);
  });

  it('starts the four servers alone', async () => {
    await stack.compose('down');
    await timed('the four servers alone', () => stack.up(...SERVERS));
    expect(await stack.states()).toEqual({ ...stateOf(SERVERS, 'healthy'), secrets: 'exited 0' });
  });

  it('leaves no container, volume or network behind', async () => {
    await stack.compose('up', '--wait');
    const volumes = await stack.volumes();
    expect(volumes.length).toBeGreaterThan(9);
    await stack.compose('down', '--volumes');
    expect(await stack.leftovers(volumes)).toEqual([]);
  });
});
