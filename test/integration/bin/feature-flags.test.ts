// The file of feature flags changes while an api process serves: what callers, traces, the audit log and probes show.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { eventually } from '../../support/eventually.ts';
import { startTraceAgent } from '../../support/trace-agent.ts';
import { ANN, startApi } from './arrange-secrets.ts';

const path = join(mkdtempSync(join(tmpdir(), 'flags-')), 'feature-flags.json');
const ON = '{}';
const OFF = '{"accept-orders": false}';
/** Checked once a second, and at most a second after that it is in use. */
const IN_USE = { deadlineMs: 2000 };

const arrange = async (content: string) => {
  writeFileSync(path, content);
  const agent = await startTraceAgent();
  const env = { FEATURE_FLAGS_FILE: path, AUDIT_LOG: 'stdout', DD_TRACE_AGENT_URL: agent.url };
  const api = await startApi(env, ['--import', './src/observability/tracer.ts']);
  await api.call('/api/v1/users', { body: ANN });
  const token = String((await api.logIn()).body.access_token);
  const place = () => api.call('/api/v1/orders', { body: { amountMinor: 1, currency: 'EUR' }, token });
  const audited = () =>
    api.program.output.stdout
      .split('\n')
      .filter((line) => line.includes('sys_feature_flag_changed'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { ...api, agent, place, audited };
};

describe('a running api', { timeout: 60_000 }, () => {
  it('refuses and accepts orders within 2 s after the file has changed, and says so everywhere', async () => {
    const { program, agent, place, audited } = await arrange(ON);
    expect((await place()).status).toBe(202);

    writeFileSync(path, OFF);
    await eventually(async () => {
      expect(await place()).toMatchObject({ status: 503, body: { code: 'ORDERS_PAUSED' } });
    }, IN_USE);
    writeFileSync(path, ON);
    await eventually(async () => {
      expect((await place()).status).toBe(202);
    }, IN_USE);

    const target = { kind: 'feature-flag', id: 'accept-orders' };
    await eventually(() => {
      expect(audited()).toMatchObject([
        { outcome: 'success', target, details: { source: 'file', from: 'true', to: 'false' } },
        { outcome: 'success', target, details: { source: 'file', from: 'false', to: 'true' } },
      ]);
    });
    program.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    const spans = agent.spans().toString('latin1');
    agent.close();
    for (const text of ['feature_flag.key', 'accept-orders', 'feature_flag.result.variant', 'off', 'static'])
      expect(spans).toContain(text);
  });

  it('starts with a file that is not valid: degraded, with defaults, until it is', async () => {
    const { program, agent, place, becomes, audited } = await arrange('{"accept-orders": 0}');
    await becomes('degraded');
    expect((await place()).status).toBe(202);

    writeFileSync(path, OFF);
    await becomes('ready');
    expect((await place()).status).toBe(503);

    agent.close();
    expect(program.output.stdout).toContain('which must be true or false');
    expect(audited().map(({ outcome }) => outcome)).toEqual(['refused', 'success']);
  });
});
