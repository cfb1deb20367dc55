// The preload in real processes: without an agent, disabled, and with an agent that receives the last span.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { startTraceAgent } from '../../support/trace-agent.ts';

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
  if (process.env.STAYS) await once(process, 'SIGTERM');
  process.exit(0);
`;

type Report = { outside: unknown; inside: { traceId: string; spanId: string } | null; loaded: boolean };

/** @param until with STAYS, the program ends after it; from: where src/ is */
const run = async (env: Record<string, string>, until?: () => Promise<void>, from = root) => {
  const preload = join(from, 'src/observability/tracer.ts');
  const child = spawn(process.execPath, ['--import', preload, '--input-type=module', '--eval', PROGRAM], {
    cwd: root,
    env,
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (text: Buffer) => (output.stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output.stderr += text.toString()));
  const closed = once(child, 'close');
  if (until !== undefined) await until().finally(() => child.kill('SIGTERM'));
  const [code] = (await closed) as [number | null];
  return { ...output, code, report: () => JSON.parse(output.stdout) as Report };
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
    const agent = await startTraceAgent();
    const env = { DD_TRACE_AGENT_URL: agent.url, DD_SERVICE: 'a-service', DD_ENV: 'an-env', DD_VERSION: '9.8.7' };
    await run(env);
    agent.close();
    const sent = agent.spans().toString('latin1');
    for (const text of ['web.request', 'a-service', 'an-env', '9.8.7']) expect(sent).toContain(text);
  }, 20_000);

  it.each([
    ['an agent', '/v0.4/traces', {}],
    ['OTLP', '/v1/traces', { OTEL_TRACES_EXPORTER: 'otlp' }],
    // as docker-compose.yml sets them without and with DD_API_KEY
    ['OTLP without a version', '/v1/traces', { OTEL_TRACES_EXPORTER: 'otlp', DD_TRACE_AGENT_PROTOCOL_VERSION: '' }],
    ['an agent with one', '/v0.4/traces', { OTEL_TRACES_EXPORTER: 'otlp', DD_TRACE_AGENT_PROTOCOL_VERSION: '0.4' }],
  ])(
    'sends only what is on the allow-list of spans: to %s',
    async (_, path, exporter) => {
      const agent = await startTraceAgent();
      const sent = () => agent.spans().toString('latin1');
      const urls = { DD_TRACE_AGENT_URL: agent.url, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${agent.url}/v1/traces` };
      await run({ ...urls, ...exporter, STAYS: 'true' }, () =>
        eventually(
          () => {
            expect(sent()).toContain('web.request');
          },
          { deadlineMs: 10_000 },
        ),
      );
      agent.close();
      expect(agent.paths()).toEqual([path]);
      for (const tag of ['http.url', 'http.useragent', 'dns.hostname', '_dd.tags.process', 'tcp.local.address'])
        expect(sent()).not.toContain(tag);
    },
    20_000,
  );

  it('ignores features that send more than spans, says so, and uses no other channel of the agent', async () => {
    const agent = await startTraceAgent();
    const features = ['DD_APPSEC_ENABLED', 'DD_DYNAMIC_INSTRUMENTATION_ENABLED', 'DD_TRACE_DEBUG', 'DD_LOGS_INJECTION'];
    const others = ['DD_REMOTE_CONFIGURATION_ENABLED', 'DD_TRACE_STATS_COMPUTATION_ENABLED', 'DD_IAST_ENABLED'];
    const on = Object.fromEntries([...features, ...others].map((name) => [name, 'true']));
    const { stdout, stderr } = await run({ ...on, DD_TRACE_AGENT_URL: agent.url });
    agent.close();
    expect(stdout.trim().split('\n')).toHaveLength(1);
    for (const name of Object.keys(on)) expect(stderr).toContain(`${name} is ignored`);
    expect(agent.paths()).toEqual(['/v0.4/traces']);
  }, 20_000);

  it('takes its defaults for empty variables', async () => {
    const agent = await startTraceAgent();
    await run({ DD_TRACE_AGENT_URL: agent.url, DD_SERVICE: '', DD_ENV: '', DD_VERSION: '', DD_TRACE_ENABLED: '' });
    agent.close();
    // MessagePack: the tag `env`, the length of its value, the value
    expect(agent.spans().toString('latin1')).toMatch(/env[^a-z]{1,5}local(?!host)/);
  }, 20_000);

  it.each([
    ['APM names none', { APM: 'none' }],
    ['DD_TRACE_ENABLED is false', { DD_TRACE_ENABLED: 'false' }],
    ['APM has a value that the settings refuse', { APM: 'dynatrace' }],
  ])(
    'loads no agent and prints nothing when %s',
    async (_, env) => {
      const { stderr, report } = await run(env);
      expect(stderr).toBe('');
      expect(report()).toEqual({ outside: null, inside: null, loaded: false });
    },
    20_000,
  );

  it('ends with 78 and one line that says what to do when the license key for New Relic is missing', async () => {
    const { stdout, stderr, code } = await run({ APM: 'newrelic', SECRETS_DIR: '/nowhere' });
    expect({ stdout, code }).toEqual({ stdout: '', code: 78 });
    expect(stderr).toMatch(/^APM=newrelic needs a license key: set NEW_RELIC_LICENSE_KEY, [^\n]+\n$/);
  }, 20_000);

  it('ends with 78 and one line that says what to do in an image without New Relic’s agent', async () => {
    const image = mkdtempSync(join(tmpdir(), 'image-'));
    cpSync(join(root, 'src'), join(image, 'src'), { recursive: true });
    writeFileSync(join(image, 'package.json'), '{"type":"module"}');
    const { stdout, stderr, code } = await run({ APM: 'newrelic', NEW_RELIC_LICENSE_KEY: 'key' }, undefined, image);
    rmSync(image, { recursive: true });
    expect({ stdout, code }).toEqual({ stdout: '', code: 78 });
    expect(stderr).toMatch(
      /^APM=newrelic needs the package newrelic: use the image target service-newrelic, [^\n]+\n$/,
    );
  }, 20_000);
});
