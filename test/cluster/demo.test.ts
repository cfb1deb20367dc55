// `npm run demo:kind` on the cluster of KUBECONFIG, from nothing to nothing. The tests depend on one another and run in this order.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { kubectl } from '../../scripts/kubernetes/run.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';

const ROOT = join(import.meta.dirname, '../..');
const RUN = Date.now().toString(36);
const NAMESPACE = `demo-${RUN}`;
const FOREIGN = `demo-foreign-${RUN}`;
const MINUTE_MS = 60_000;

const startDemo = (args: readonly string[], variables: Record<string, string> = {}) => {
  const child = spawn(process.execPath, ['scripts/demo-kind.ts', ...args], {
    cwd: ROOT,
    env: { ...env, ...variables },
  });
  const output = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output.text += text));
  const exited = once(child, 'close').then(([code]) => code as number | null);
  const shown = (deadlineMs: number): Promise<void> =>
    eventually(
      () => {
        if (!output.text.includes('Press Ctrl-C')) throw new Error(`no screen:\n${output.text}`);
      },
      { deadlineMs, everyMs: 200 },
    );
  return { child, output, exited, shown };
};

const runDemo = async (args: readonly string[], variables: Record<string, string> = {}) => {
  const { output, exited } = startDemo(args, variables);
  return { code: await exited, text: output.text };
};

/** Runs a command line of the screen in a shell, as a reader does. */
const shell = async (command: string): Promise<string> =>
  (await promisify(execFile)('bash', ['-c', command], { cwd: ROOT })).stdout;

/** The command of a line such as `4. order   curl …`. */
const commandOf = (name: string): string => {
  const line = demo.output.text.split('\n').find((text) => new RegExp(`^ +\\d+\\. ${name} `).test(text)); // eslint-disable-line security/detect-non-literal-regexp -- names of this file
  if (line === undefined) throw new Error(`the screen has no command "${name}"`);
  return line
    .replace(/^ +\d+\. /, '')
    .slice(name.length)
    .trim();
};

const namespaceExists = async (name: string): Promise<boolean> =>
  (await kubectl(['get', 'namespace', name, '--ignore-not-found', '--output', 'name'])) !== '';

let demo: ReturnType<typeof startDemo>;
let url = '';
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-'));
  const port = await freePort();
  demo = startDemo(['--namespace', NAMESPACE, '--port', String(port)]);
  url = `http://localhost:${port}`;
  await demo.shown(14 * MINUTE_MS);
});
afterAll(async () => {
  demo.child.kill();
  await runDemo(['--down', '--namespace', NAMESPACE]);
  await kubectl(['delete', 'namespace', FOREIGN, '--ignore-not-found', '--wait=false']);
  await rm(folder, { recursive: true, force: true });
});

test('every step is printed with its time, and helm test has passed', () => {
  process.stdout.write(demo.output.text);
  for (const name of ['cluster', 'namespace', 'build images', 'load images', 'demo-dependencies', 'users', 'helm test'])
    expect(demo.output.text).toMatch(new RegExp(`✓ ${name} +\\d+\\.\\d s`)); // eslint-disable-line security/detect-non-literal-regexp -- names of this file
});

test('the URLs answer, and Prometheus scrapes all six pods', async () => {
  const prometheus = /http:\/\/localhost:\d+(?=\/targets)/.exec(demo.output.text)?.[0] ?? '';
  expect((await fetch(`${url}/docs`)).status).toBe(200);
  await eventually(
    async () => {
      const response = await fetch(`${prometheus}/api/v1/query?query=${encodeURIComponent('sum(up)')}`);
      const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
      expect(data.result[0]?.value[1]).toBe('6');
    },
    { deadlineMs: MINUTE_MS, everyMs: 500 },
  );
});

test('the printed commands register, log in, and place an order that is confirmed', async () => {
  expect(await shell(commandOf('register'))).toContain(' 201 ');
  expect(await shell(`${commandOf('log in')}; ${commandOf('order')}`)).toContain(' 202 ');
  await eventually(
    async () => {
      expect(await shell(`${commandOf('log in')}; ${commandOf('list orders')}`)).toContain('"confirmed"');
    },
    { deadlineMs: MINUTE_MS, everyMs: 2000 },
  );
});

test('a URL answers every request while its pod is killed', async () => {
  const end = new AbortController();
  const failed: string[] = [];
  let requests = 0;
  const asking = (async () => {
    while (!end.signal.aborted) {
      requests += 1;
      const response = await fetch(`${url}/.well-known/jwks.json`, { headers: { connection: 'close' } }).catch(String);
      if (typeof response === 'string') failed.push(response);
      else await response.arrayBuffer();
      await pause(50);
    }
  })();
  for (const pod of (
    await kubectl(['get', 'pods', '-n', NAMESPACE, '-l', 'app.kubernetes.io/component=api', '-o', 'name'])
  ).split('\n')) {
    await kubectl(['delete', '-n', NAMESPACE, pod]);
    await kubectl(['rollout', 'status', '-n', NAMESPACE, 'deployment/users-api', '--timeout=120s']);
  }
  end.abort();
  await asking;
  expect({ failed, enough: requests > 50 }).toEqual({ failed: [], enough: true });
});

test('version 2 is rolled out and rolled back by the printed commands under load, and no request fails', async () => {
  const load = runDemo(['--load', '60', '--namespace', NAMESPACE]);
  await shell(commandOf('version 2'));
  expect(await shell(commandOf('see versions'))).toMatch(/users-api-.* 0\.2\.0/);
  await shell(commandOf('roll back'));
  const { code, text } = await load;
  process.stdout.write(text);
  expect(code, text).toBe(0);
  expect(text).toContain(' requests, 0 failed');
});

test('orders that are placed while Kafka is away are decided after its return', async () => {
  await shell(commandOf('break Kafka'));
  expect(await shell(`${commandOf('log in')}; ${commandOf('order')}`)).toContain(' 202 ');
  expect(await shell(`${commandOf('log in')}; ${commandOf('list orders')}`)).toContain('"placed"');
  await shell(commandOf('Kafka is back'));
  await eventually(
    async () => {
      expect(await shell(`${commandOf('log in')}; ${commandOf('list orders')}`)).not.toContain('"placed"');
    },
    { deadlineMs: 2 * MINUTE_MS, everyMs: 2000 },
  );
});

test('a second run changes nothing and takes the next free port', async () => {
  const first = startDemo(['--namespace', NAMESPACE, '--port', new URL(url).port]);
  await first.shown(5 * MINUTE_MS); // after the roll-out and the outage above there is something to set right
  first.child.kill('SIGINT');
  await first.exited;
  const again = startDemo(['--namespace', NAMESPACE, '--port', new URL(url).port]);
  await again.shown(2 * MINUTE_MS);
  process.stdout.write(again.output.text);
  expect(again.output.text).toMatch(/load images .* already there/);
  expect(again.output.text).toMatch(/demo-dependencies .* unchanged/);
  expect(again.output.text).toMatch(/users .* unchanged/);
  expect(again.output.text).toMatch(/because port \d+ is taken/);
  again.child.kill('SIGINT');
  expect(await again.exited).toBe(0);
});

test('--status lists what is installed', async () => {
  const { code, text } = await runDemo(['--status', '--namespace', NAMESPACE]);
  expect(code).toBe(0);
  expect(text).toMatch(/users +deployed/);
  expect(text).toMatch(/users-api +2\/2 ready +user-service-demo:0\.1\.0/);
});

test('a namespace of somebody else is neither used nor deleted', async () => {
  await kubectl(['create', 'namespace', FOREIGN]);
  for (const args of [['--down'], ['--status'], []]) {
    const { code, text } = await runDemo([...args, '--namespace', FOREIGN]);
    expect(code).toBe(1);
    expect(text).toContain(`Namespace ${FOREIGN} was not made by this command`);
  }
  expect(await namespaceExists(FOREIGN)).toBe(true);
});

test('credentials without rights and an API server that does not answer get one sentence each', async () => {
  await kubectl(['create', 'serviceaccount', 'visitor', '-n', FOREIGN]);
  const token = await kubectl(['create', 'token', 'visitor', '-n', FOREIGN]);
  const config = JSON.parse(await kubectl(['config', 'view', '--raw', '--minify', '--output', 'json'])) as {
    clusters: { cluster: { server: string } }[];
    users: { user: object }[];
  };
  const limited = { ...config, users: config.users.map((entry) => ({ ...entry, user: { token } })) };
  await writeFile(join(folder, 'limited'), JSON.stringify(limited));
  await writeFile(
    join(folder, 'silent'),
    JSON.stringify(config).replace(config.clusters[0]?.cluster.server ?? '', `https://127.0.0.1:${await freePort()}`),
  );
  const forbidden = await runDemo(['--namespace', FOREIGN], { KUBECONFIG: join(folder, 'limited') });
  expect(forbidden.text).toContain('may not read namespaces');
  const silent = await runDemo(['--status'], { KUBECONFIG: join(folder, 'silent') });
  expect(silent.text).toMatch(/can not be reached: .*refused/);
});

test('Ctrl-C ends the URLs and says how to go on; --down leaves nothing of the demo', async () => {
  demo.child.kill('SIGINT');
  expect(await demo.exited).toBe(0);
  expect(demo.output.text).toContain('The demo stays installed.');
  await expect(fetch(url)).rejects.toThrow();
  const { code, text } = await runDemo(['--down', '--namespace', NAMESPACE]);
  expect(code, text).toBe(0);
  expect(await namespaceExists(NAMESPACE)).toBe(false);
  expect(await shell('docker images --quiet user-service-demo')).toBe('');
  const { text: nothing } = await runDemo(['--down', '--namespace', NAMESPACE]);
  expect(nothing).toContain('was not there');
});
