// The handles of operators on relay and worker: the same as on the api, with what these processes do.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Value } from 'typebox/value';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { diagnosticReport } from '../../../src/observability/diagnostics/report.ts';
import { eventually } from '../../support/eventually.ts';
import { registerSchemas, secrets, startProcesses } from './support/processes.ts';

const TOKEN = 'c4n4ry-token-of-operators-0123456789';

beforeAll(async () => {
  writeFileSync(join(secrets, 'http_management_token'), TOKEN);
  await registerSchemas();
});

const start = async (role: 'relay' | 'worker') => {
  const directory = mkdtempSync(join(tmpdir(), 'diagnostics-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true });
  });
  const env = { HTTP_MANAGEMENT_DIAGNOSTICS_DIR: directory, LIFECYCLE_OUTAGE_TOLERANCE_MS: '100' };
  const [process] = await startProcesses({ env }, [role]);
  if (process === undefined) throw new Error('not started');
  await process.becomes(200, 60_000);
  const manage = async (method: string, path: string, body?: object) => {
    const headers = { authorization: `Bearer ${TOKEN}`, ...(body && { 'content-type': 'application/json' }) };
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    const response = await fetch(`${process.managementUrl}/management${path}`, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { ...process, manage };
};

describe('the handles of relay and worker', { timeout: 120_000 }, () => {
  it('change the log level of every module of a worker, and take a heap snapshot', async () => {
    const { manage, output, kill, exited } = await start('worker');
    expect((await manage('PUT', '/log-level', { level: 'silent' })).body).toMatchObject({ level: 'silent' });
    const { status, body } = await manage('POST', '/heap-snapshot', {});
    expect([status, body]).toMatchObject([201, { warning: expect.stringContaining('personal data') as string }]);
    const path = String(body.path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8').startsWith('{"snapshot":')).toBe(true);
    const before = output.stdout.length;
    kill('SIGTERM');
    expect(await exited).toBe(0);
    const lines = output.stdout.slice(before).split('\n');
    expect(lines.filter((line) => line !== '' && !line.startsWith('{"log":"audit"'))).toEqual([]);
    expect(output.stdout).not.toContain('c4n4ry');
  });

  it('take a worker out of its group, with the reason, and back', async () => {
    const { manage, becomes, output, managementUrl } = await start('worker');
    await manage('PUT', '/readiness', { ready: false });
    await becomes(503);
    expect(await (await fetch(`${managementUrl}/health/ready`)).json()).toMatchObject({ reason: 'by operator' });
    await eventually(
      () => {
        expect(output.stdout).toMatch(/"reason":"by operator".*"process is not ready"/);
        expect(output.stdout).toContain('leaving the consumer group');
      },
      { deadlineMs: 10_000 },
    );
    await manage('PUT', '/readiness', { ready: true });
    await becomes(200, 60_000);
  });

  it('report the outbox of a relay, without a secret', async () => {
    const { manage } = await start('relay');
    await eventually(
      async () => {
        const { body } = await manage('GET', '/report');
        expect([...Value.Errors(diagnosticReport, body)]).toEqual([]);
        const names = (body.metrics as { name: string }[]).map(({ name }) => name);
        expect(names).toEqual(expect.arrayContaining(['outbox_events', 'outbox_leader', 'postgres_pool_connections']));
        expect(body.config).toMatchObject({ 'management.token': '[secret]', 'postgres.password': '[secret]' });
        expect(JSON.stringify(body)).not.toContain('c4n4ry');
      },
      { deadlineMs: 15_000 },
    );
  });
});
