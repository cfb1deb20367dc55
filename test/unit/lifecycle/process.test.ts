// The lifecycle in a real process, with real signals, timers and event loop.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const source = join(import.meta.dirname, '../../../src');

const PROGRAM = `
  import { makeLifecycle } from '${source}/lifecycle/lifecycle.ts';
  import { makeLogger } from '${source}/observability/logger.ts';
  const logger = makeLogger({ level: 'info', format: 'json', service: 's', env: 'test', version: '1', traceFields: () => ({}) });
  const lifecycle = makeLifecycle({ logger, drainDelayMs: 50, timeoutMs: TIMEOUT });
  lifecycle.listen();
  lifecycle.add('logs', () => logger.close());
  const alive = setInterval(() => {}, 1000);
`;
const STOPS_WELL = "lifecycle.add('server', () => clearInterval(alive)); lifecycle.ready();";
const HANGS =
  "process.once('SIGTERM', () => console.error('heard')); lifecycle.add('server', () => { clearInterval(alive); return new Promise(() => {}); }); lifecycle.ready();";
const FAILS = "lifecycle.add('pool', () => {}); throw new Error('no start', { cause: new Error('the reason') });";
const SERVES = `
  import { createServer } from 'node:http';
  const server = createServer((request, response) => {
    if (request.url === '/rejects') void (async () => { await null; throw new Error('nobody waits'); })();
    if (request.url === '/throws') setTimeout(() => { throw new Error('nobody catches'); });
    response.end();
  }).listen(0, '127.0.0.1');
  lifecycle.add('server', () => { clearInterval(alive); server.close(); });
  lifecycle.ready();
  const ask = (path) => fetch('http://127.0.0.1:' + server.address().port + path);
  await new Promise((listening) => server.once('listening', listening));
`;
const STATUS = "logger.info({ status: (await ask('/')).status }, 'served');";

const run = async (program: string, signals: readonly NodeJS.Signals[] = [], timeoutMs = 300) => {
  const text = `${PROGRAM.replace('TIMEOUT', String(timeoutMs))}${program};console.error('up')`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', text]);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  for (const signal of signals) {
    await once(child.stderr, 'data'); // it is up, or has received the previous signal
    child.kill(signal);
  }
  const [code] = (await once(child, 'close')) as [number | null];
  const lines = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { code, lines };
};

describe('a process with a lifecycle', () => {
  it('exits with 0 on SIGTERM, after its last line', async () => {
    const { code, lines } = await run(STOPS_WELL, ['SIGTERM']);
    expect(code).toBe(0);
    expect(lines.map(({ step }) => step)).toEqual([undefined, 'server', 'logs']);
  });

  it('exits with 1 and logs the step that hangs, although its event loop is empty', async () => {
    const { code, lines } = await run(HANGS, ['SIGTERM']);
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatchObject({ msg: 'shutdown timed out', step: 'server' });
  });

  it('exits with 130 at once on a second Ctrl-C', async () => {
    const { code } = await run(HANGS, ['SIGTERM', 'SIGINT'], 10_000);
    expect(code).toBe(130);
  });

  it('closes the opened parts when its start fails, and logs the causes', async () => {
    const { code, lines } = await run(FAILS);
    expect(code).toBe(1);
    expect(lines[0]).toMatchObject({ level: 'fatal', err: { message: 'no start', cause: { message: 'the reason' } } });
    expect(lines.map(({ step }) => step)).toContain('pool');
  });

  it('goes on after a request whose promise rejects without a handler', async () => {
    const { code, lines } = await run(`${SERVES} await ask('/rejects'); ${STATUS}`, ['SIGTERM'], 5000);
    expect(lines[0]).toMatchObject({ level: 'error', msg: 'unhandled rejection', err: { message: 'nobody waits' } });
    expect(lines[1]).toMatchObject({ msg: 'served', status: 200 });
    expect(code).toBe(0);
  });

  it('closes its parts and exits with 1 after an exception that no code caught', async () => {
    const { code, lines } = await run(`${SERVES} await ask('/throws');`, [], 5000);
    expect(lines[0]).toMatchObject({ level: 'fatal', msg: 'unexpected error', err: { message: 'nobody catches' } });
    expect(lines.map(({ step }) => step)).toEqual([undefined, undefined, 'server', 'logs']);
    expect(code).toBe(1);
  });

  it('exits with 1 when its start rejects', async () => {
    const { code, lines } = await run("await Promise.reject(new Error('no start'));");
    expect(code).toBe(1);
    expect(lines[0]).toMatchObject({ level: 'fatal', err: { message: 'no start' } });
  });
});
