// The lifecycle in a real process, with real signals, timers and event loop.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const source = join(import.meta.dirname, '../../../src');

const PROGRAM = `
  import { makeLifecycle } from '${source}/lifecycle/lifecycle.ts';
  import { makeLogger } from '${source}/observability/logger.ts';
  const logger = makeLogger({ level: 'info', format: 'json', service: 's', env: 'test', version: '1', currentTrace: () => undefined });
  const lifecycle = makeLifecycle({ logger, drainDelayMs: 50, timeoutMs: TIMEOUT });
  lifecycle.listen();
  lifecycle.add('logs', () => logger.close());
  const alive = setInterval(() => {}, 1000);
`;
const STOPS_WELL = "lifecycle.add('server', () => clearInterval(alive)); lifecycle.ready();";
const HANGS =
  "process.once('SIGTERM', () => console.error('heard')); lifecycle.add('server', () => { clearInterval(alive); return new Promise(() => {}); }); lifecycle.ready();";
const FAILS = "lifecycle.add('pool', () => {}); throw new Error('no start', { cause: new Error('the reason') });";
const REJECTS = "Promise.reject(new Error('nobody waits'));";

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

  it('exits with 1 on an unhandled rejection', async () => {
    const { code, lines } = await run(REJECTS);
    expect(code).toBe(1);
    expect(lines[0]).toMatchObject({ msg: 'unexpected error', err: { message: 'nobody waits' } });
  });
});
