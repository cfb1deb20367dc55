// The preload in real processes: without an agent, disabled, and with an agent that receives the last span.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');

/** Serves one traced request, prints its trace, flushes and exits. */
const PROGRAM = `
  import { createServer } from 'node:http';
  import { once } from 'node:events';
  import { createRequire } from 'node:module';
  import { currentTrace, flushTraces } from '${root}/src/observability/trace-context.ts';
  const outside = currentTrace() ?? null;
  let inside = null;
  const server = createServer((request, response) => { inside = currentTrace() ?? null; response.end(); }).listen(0);
  await once(server, 'listening');
  await (await fetch('http://localhost:' + server.address().port, { headers: { connection: 'close' } })).text();
  await flushTraces();
  const loaded = Object.keys(createRequire('${root}/').cache).some((path) => path.includes('dd-trace'));
  console.log(JSON.stringify({ outside, inside, loaded }));
  process.exit(0);
`;

type Report = { outside: unknown; inside: { traceId: string; spanId: string } | null; loaded: boolean };

const run = async (env: Record<string, string>) => {
  const preload = join(root, 'src/observability/tracer.ts');
  const child = spawn(process.execPath, ['--import', preload, '--input-type=module', '--eval', PROGRAM], {
    cwd: root,
    env,
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (text: Buffer) => (output.stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output.stderr += text.toString()));
  await once(child, 'close');
  return { ...output, report: () => JSON.parse(output.stdout) as Report };
};

/** Receives traces like a Datadog agent; `sent` is their text. */
const startAgent = async () => {
  const sent: string[] = [];
  const server = createServer((request, response) => {
    request.setEncoding('latin1').on('data', (text: string) => sent.push(text));
    request.on('end', () => response.end('{}'));
  }).listen(0);
  await once(server, 'listening');
  return { sent, url: `http://localhost:${(server.address() as AddressInfo).port}`, close: () => server.close() };
};

describe('the tracer preload', () => {
  it('prints nothing without an agent', async () => {
    const { stdout, stderr, report } = await run({ DD_TRACE_AGENT_URL: 'http://localhost:9' });
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(report().loaded).toBe(true);
  }, 20_000);

  it('provides the ids of the current request in the log format of Datadog, and none outside of a request', async () => {
    const { report } = await run({ DD_TRACE_AGENT_URL: 'http://localhost:9' });
    expect(report().outside).toBeNull();
    expect(report().inside?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(report().inside?.spanId).toMatch(/^\d{1,20}$/);
  }, 20_000);

  it('sends the last span with name, environment and version of the service on flush', async () => {
    const agent = await startAgent();
    const env = { DD_TRACE_AGENT_URL: agent.url, DD_SERVICE: 'a-service', DD_ENV: 'an-env', DD_VERSION: '9.8.7' };
    await run(env);
    agent.close();
    const sent = agent.sent.join('');
    for (const text of ['web.request', 'a-service', 'an-env', '9.8.7']) expect(sent).toContain(text);
  }, 20_000);

  it('takes its defaults for empty variables', async () => {
    const agent = await startAgent();
    await run({ DD_TRACE_AGENT_URL: agent.url, DD_SERVICE: '', DD_ENV: '', DD_VERSION: '', DD_TRACE_ENABLED: '' });
    agent.close();
    // MessagePack: the tag `env`, the length of its value, the value
    expect(agent.sent.join('')).toMatch(/env[^a-z]{1,5}local(?!host)/);
  }, 20_000);

  it('does not load dd-trace when it is disabled', async () => {
    const { stderr, report } = await run({ DD_TRACE_ENABLED: 'false' });
    expect(stderr).toBe('');
    expect(report()).toEqual({ outside: null, inside: null, loaded: false });
  }, 20_000);
});
