// The handles of the management port, on the real server and the real parts behind them.

import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Value } from 'typebox/value';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { makeRequestContext } from '../../../../src/http/hooks/request-context.ts';
import { makeAddHandles } from '../../../../src/http/management/handles.ts';
import { makeManagementServer } from '../../../../src/http/management/management-server.ts';
import { makeReadiness } from '../../../../src/lifecycle/readiness.ts';
import { makeLogLevel } from '../../../../src/observability/diagnostics/log-level.ts';
import { makeProfiles } from '../../../../src/observability/diagnostics/profiles.ts';
import { diagnosticReport, makeDiagnosticReport } from '../../../../src/observability/diagnostics/report.ts';
import { makeMetrics } from '../../../../src/observability/metrics/metrics.ts';
import { makeMemoryLimitStore } from '../../../../src/rate-limit/memory-limit-store.ts';
import { makeRecorder } from '../../../support/http/fake-deps.ts';

const TOKEN = 'c4n4ry-token-of-operators-0123456789';
const info = { service: 'user-service', env: 'test', version: '1.2.3', commit: 'abc' };

const arrange = async ({ directory = mkdtempSync(join(tmpdir(), 'diagnostics-')) } = {}) => {
  const audited: [string, object][] = [];
  const audit = {
    record: (name: string, recorded: object = {}) => {
      audited.push([name, recorded]);
    },
  };
  const recorder = makeRecorder();
  const logger = { level: 'info' };
  const token = { current: TOKEN };
  const logLevel = makeLogLevel({ logger, configured: 'info', onReset: () => audited.push(['reset', {}]) });
  const readiness = makeReadiness({
    state: () => 'ready',
    checks: [],
    intervalMs: 1000,
    onChange: () => undefined,
  });
  const metrics = makeMetrics(info);
  metrics.watchPool({ totalCount: 5, idleCount: 3, waitingCount: 0 });
  const profiles = makeProfiles({ directory });
  const config = { 'http.port': 8080, 'management.token': '[secret]', 'http.trustProxy': ['192.0.2.0/24'] };
  const report = makeDiagnosticReport({
    ...{ info, registry: metrics.registry, readiness, config, measureMs: 20 },
    logLevel: () => logger.level,
  });
  const limit = makeMemoryLimitStore({ maxKeys: 10 });
  const common = { logger: recorder.logger, currentTrace: () => undefined, requestContext: makeRequestContext() };
  const app = await makeManagementServer({
    ...common,
    isStarted: () => true,
    readiness,
    registry: metrics.registry,
    info,
    addHandles: makeAddHandles({
      ...common,
      token: () => token.current,
      limit,
      audit,
      logLevel,
      profiles,
      readiness,
      report,
    }),
  });
  type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';
  const call = async (method: Method, path: string, payload?: object | string, bearer = TOKEN) => {
    const headers = {
      authorization: `Bearer ${bearer}`,
      ...(payload !== undefined && { 'content-type': 'application/json' }),
    };
    const url = `/management${path}`;
    return app.inject({ method, url, headers, ...(payload !== undefined && { payload }) });
  };
  return { app, call, audited, logger, token, directory, lines: recorder.lines };
};

describe('the handles', () => {
  it.each([
    ['GET', '/log-level'],
    ['PUT', '/readiness'],
    ['GET', '/report'],
    ['POST', '/cpu-profile'],
    ['POST', '/heap-snapshot'],
    ['GET', '/diagnostics/x'],
  ] as const)('%s %s needs the token', async (method, path) => {
    const { app, call, audited, lines } = await arrange();

    const without = await app.inject({ method, url: `/management${path}` });
    expect([without.statusCode, without.json<object>()]).toMatchObject([401, { code: 'OPERATOR_TOKEN_MISSING' }]);
    expect(without.headers['www-authenticate']).toBe('Bearer realm="user-service"');

    const wrong = await call(method, path, undefined, `${TOKEN.slice(0, -1)}x`);
    expect([wrong.statusCode, wrong.json<object>()]).toMatchObject([401, { code: 'OPERATOR_TOKEN_INVALID' }]);
    expect(wrong.headers['www-authenticate']).toContain('error="invalid_token"');
    expect(wrong.headers['content-type']).toContain('application/problem+json');

    const refused = ['management_action', { outcome: 'refused', reason: 'token', actor: { kind: 'anonymous' } }];
    expect(audited).toEqual([refused, refused]);
    expect(JSON.stringify([lines, audited, without.body, wrong.body])).not.toContain('c4n4ry');
  });

  it('limits guesses, also for the right token afterwards, but not the right token alone', async () => {
    const { call, audited } = await arrange();
    for (let i = 0; i < 20; i += 1) expect((await call('GET', '/log-level')).statusCode).toBe(200);
    for (let i = 0; i < 5; i += 1)
      expect((await call('GET', '/log-level', undefined, `guess${i}`)).statusCode).toBe(401);
    const limited = await call('GET', '/log-level');
    expect(limited.statusCode).toBe(429);
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
    expect(audited.at(-1)).toMatchObject(['management_action', { reason: 'RATE_LIMITED' }]);
  });

  it('uses a rotated token at once', async () => {
    const { call, token } = await arrange();
    token.current = 'another-token-of-operators-0123456789';
    expect((await call('GET', '/log-level')).statusCode).toBe(401);
    expect((await call('GET', '/log-level', undefined, token.current)).statusCode).toBe(200);
  });

  it.each([
    ['PUT', '/log-level', {}, '/level'],
    ['PUT', '/log-level', { level: 'verbose' }, '/level'],
    ['PUT', '/log-level', { level: 'debug', forever: true }, '/forever'],
    ['PUT', '/log-level', { level: 'debug', minutes: 0 }, '/minutes'],
    ['PUT', '/log-level', { level: 'debug', minutes: 1441 }, '/minutes'],
    ['PUT', '/readiness', { ready: 'no' }, '/ready'],
    ['POST', '/cpu-profile', { seconds: 61 }, '/seconds'],
    ['POST', '/cpu-profile', { seconds: 1.5 }, '/seconds'],
    ['POST', '/heap-snapshot', { path: '/etc/passwd' }, '/path'],
  ] as const)('%s %s rejects %j', async (method, path, body, pointer) => {
    const { call, logger } = await arrange();
    const response = await call(method, path, body);
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'REQUEST_INVALID', errors: [{ pointer }] });
    expect(logger.level).toBe('info');
  });

  it('rejects a body that is missing, too large or not JSON, and another method', async () => {
    const { app, call } = await arrange();
    expect((await call('PUT', '/log-level')).statusCode).toBe(400);
    expect((await call('PUT', '/log-level', { level: 'x'.repeat(2000) })).statusCode).toBe(413);
    expect((await call('PUT', '/log-level', '{')).json()).toMatchObject({ code: 'BODY_UNREADABLE' });
    const form = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/x-www-form-urlencoded' };
    const sent = await app.inject({
      method: 'PUT',
      url: '/management/log-level',
      headers: form,
      payload: 'level=debug',
    });
    expect(sent.statusCode).toBe(415);
    expect((await call('POST', '/readiness', { ready: false })).statusCode).toBe(405);
    expect((await call('GET', '/log-levels')).statusCode).toBe(404);
  });
});

describe('the log level', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('changes, and is the configured one again after 15 minutes', async () => {
    const { call, logger, audited } = await arrange();
    const changed = await call('PUT', '/log-level', { level: 'debug' });
    expect(changed.json()).toMatchObject({ level: 'debug', configured: 'info' });
    expect(Date.parse(changed.json<{ until: string }>().until) - Date.now()).toBe(900_000);
    expect(audited).toEqual([
      [
        'management_action',
        {
          outcome: 'success',
          actor: { kind: 'operator' },
          details: { action: 'log-level', level: 'debug', minutes: 15 },
        },
      ],
    ]);
    vi.advanceTimersByTime(899_000);
    expect(logger.level).toBe('debug');
    vi.advanceTimersByTime(1000);
    expect(logger.level).toBe('info');
    expect((await call('GET', '/log-level')).json()).toEqual({ level: 'info', configured: 'info' });
  });

  it('has the time of the latest change, and is reset at once by DELETE', async () => {
    const { call, logger } = await arrange();
    await call('PUT', '/log-level', { level: 'debug', minutes: 1 });
    await call('PUT', '/log-level', { level: 'trace', minutes: 10 });
    vi.advanceTimersByTime(120_000);
    expect(logger.level).toBe('trace');
    expect((await call('DELETE', '/log-level')).json()).toEqual({ level: 'info', configured: 'info' });
    expect(logger.level).toBe('info');
  });
});

describe('the diagnostic report', () => {
  it('fits its schema, has the gauges and the masked settings, and no secret', async () => {
    const { call } = await arrange();
    const response = await call('GET', '/report');
    expect(response.statusCode).toBe(200);
    const report = response.json<Record<string, unknown>>();
    expect([...Value.Errors(diagnosticReport, report)]).toEqual([]);
    expect(report).toMatchObject({
      process: { ...info, node: process.version },
      logLevel: 'info',
      readiness: { status: 'ready' },
      config: { 'http.port': 8080, 'management.token': '[secret]', 'http.trustProxy': '192.0.2.0/24' },
    });
    expect(report.metrics).toContainEqual({
      name: 'postgres_pool_connections',
      labels: { state: 'busy' },
      value: 2,
    });
    expect(response.body).not.toMatch(/c4n4ry|"PATH"|execPath|commandLine/);
    expect(response.headers['cache-control']).toBe('no-store');
  });
});

describe('readiness', () => {
  it('is taken away by an operator, with the reason, and given back', async () => {
    const { app, call, audited } = await arrange();
    await call('PUT', '/readiness', { ready: false, minutes: 5 });
    const probe = await app.inject('/health/ready');
    expect([probe.statusCode, probe.json<object>()]).toMatchObject([503, { status: 'unready', reason: 'by operator' }]);
    expect((await app.inject('/health/live')).statusCode).toBe(200);
    await call('PUT', '/readiness', { ready: true });
    expect((await app.inject('/health/ready')).json()).toEqual({ status: 'ready', state: 'ready', checks: {} });
    expect(audited.map(([, recorded]) => (recorded as { details: object }).details)).toEqual([
      { action: 'readiness', ready: false, minutes: 5 },
      { action: 'readiness', ready: true },
    ]);
  });
});

describe('profiles', () => {
  type File = { name: string; path: string; bytes: number; url: string };

  it('stores a CPU profile that only the account of the process can read, serves it, and deletes it', async () => {
    const { app, call } = await arrange();
    const response = await call('POST', '/cpu-profile', { seconds: 1 });
    expect(response.statusCode).toBe(201);
    const { path, bytes, url, name } = response.json<File>();
    expect(statSync(path)).toMatchObject({ size: bytes });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toHaveProperty('nodes');
    const served = await call('GET', `/diagnostics/${name}`);
    expect([served.statusCode, served.body.length]).toEqual([200, bytes]);
    expect((await app.inject(url)).statusCode).toBe(401);
    expect((await call('DELETE', `/diagnostics/${name}`)).statusCode).toBe(204);
    for (const method of ['GET', 'DELETE'] as const)
      expect((await call(method, `/diagnostics/${name}`)).json()).toMatchObject({ code: 'DIAGNOSTICS_FILE_NOT_FOUND' });
  });

  it('takes one at a time', async () => {
    const { call } = await arrange();
    const [first, second] = await Promise.all([
      call('POST', '/cpu-profile', { seconds: 1 }),
      call('POST', '/heap-snapshot', {}),
    ]);
    expect(first.statusCode).toBe(201);
    expect([second.statusCode, second.json<object>()]).toMatchObject([409, { code: 'DIAGNOSTICS_RUNNING' }]);
  });

  it.each(['..%2F..%2Fetc%2Fpasswd', 'secrets.json', 'cpu-1.cpuprofile'])('serves no other file: %s', async (name) => {
    const { call, directory } = await arrange();
    writeFileSync(join(directory, 'secrets.json'), 'x');
    expect((await call('GET', `/diagnostics/${name}`)).statusCode).toBe(404);
  });

  it('says which setting to change when the folder cannot be written', async () => {
    const { call } = await arrange({ directory: '/proc/diagnostics' });
    const response = await call('POST', '/cpu-profile', { seconds: 60 });
    expect(response.statusCode).toBe(507);
    expect(response.json<{ detail: string }>().detail).toContain('HTTP_MANAGEMENT_DIAGNOSTICS_DIR');
  });

  it('keeps at most five files', async () => {
    const { call, directory } = await arrange();
    for (const n of [1, 2, 3, 4, 5])
      writeFileSync(join(directory, `heap-20261126T12000000${n}Z-0123abcd.heapsnapshot`), '');
    const response = await call('POST', '/heap-snapshot', {});
    expect([response.statusCode, response.json<object>()]).toMatchObject([507, { code: 'DIAGNOSTICS_NOT_STORED' }]);
  });
});
