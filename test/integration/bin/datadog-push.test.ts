// An api process that pushes its metrics, to an intake that accepts them, hangs or refuses the key; and one that is killed.

import { describe, expect, it, onTestFinished } from 'vitest';
import { startDatadogIntake } from '../../support/datadog-intake.ts';
import { eventually } from '../../support/eventually.ts';
import { startApi, write } from './arrange-secrets.ts';

const LIMITS = { HTTP_RATE_LIMIT_PER_SECOND: '1000000', HTTP_RATE_LIMIT_BURST: '1000000' };
const DEGRADED = 'telemetry is degraded: metrics are not delivered';
const BACK = 'telemetry is delivered again';
const patience = { deadlineMs: 20_000 };

const arrange = async () => {
  const intake = await startDatadogIntake();
  onTestFinished(intake.close);
  write('dd_api_key', 'test-key\n');
  let users = 0;
  const start = async () => {
    const api = await startApi({
      ...LIMITS,
      DATADOG_METRICS: 'push',
      DATADOG_METRICS_INTERVAL_MS: '1000',
      DATADOG_API_URL: intake.url,
      DD_HOSTNAME: 'pod-1',
    });
    const register = async (): Promise<number> => {
      users += 1;
      const username = `user-${process.pid}-${Date.now()}-${users}`;
      const body = { username, name: 'Ann', email: `${username}@example.com`, password: 'three quiet rivers' };
      return (await api.call('/api/v1/users', { body })).status;
    };
    const telemetry = (): string[] =>
      api.program.output.stdout
        .split('\n')
        .filter((line) => line.includes('"logger":"telemetry"'))
        .map((line) => (JSON.parse(line) as { msg: string }).msg);
    return { ...api, register, telemetry };
  };
  return { intake, start };
};

describe('an api process that pushes its metrics', { timeout: 120_000 }, () => {
  it('delivers every count exactly once when it ends as asked, and never more after it was killed', async () => {
    const { intake, start } = await arrange();
    const first = await start();
    for (let n = 0; n < 4; n += 1) expect(await first.register()).toBe(201);
    await eventually(() => {
      expect(intake.sum('user.registrations')).toBe(4);
    }, patience);
    for (let n = 0; n < 2; n += 1) expect(await first.register()).toBe(201);
    first.program.kill('SIGKILL');
    await first.program.exited;
    const delivered = intake.sum('user.registrations');
    expect(delivered).toBeGreaterThanOrEqual(4);
    expect(delivered).toBeLessThanOrEqual(6);

    const second = await start();
    for (let n = 0; n < 3; n += 1) expect(await second.register()).toBe(201);
    second.program.kill('SIGTERM');
    expect(await second.program.exited).toBe(0);
    expect(intake.sum('user.registrations', 'service:user-service', 'env:staging')).toBe(delivered + 3);
    expect(intake.sum('http.request.duration.count', 'route:/api/v1/users', 'status:201')).toBe(delivered + 3);
    expect([intake.faults, second.telemetry()]).toEqual([[], []]);
  });

  it('serves as usual while the intake hangs, says so once, and still ends within seconds', async () => {
    const { intake, start } = await arrange();
    intake.misbehave(() => 'hang');
    const { register, call, program, telemetry } = await start();
    const load = async (): Promise<void> => {
      expect(await register()).toBe(201);
      for (let n = 0; n < 50; n += 1) expect((await call('/.well-known/jwks.json')).status).toBe(200);
    };
    await Promise.all([load(), load()]);
    await eventually(() => {
      expect(telemetry()).toEqual([DEGRADED]);
    }, patience);
    await load();
    const startedAt = performance.now();
    program.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(telemetry()).toEqual([DEGRADED, 'the last metrics were not delivered']);
    expect(intake.points()).toEqual([]);
  });

  it('uses a new key at once', async () => {
    const { intake, start } = await arrange();
    intake.keys.clear();
    intake.keys.add('new-key');
    const { register, telemetry, program } = await start();
    expect(await register()).toBe(201);
    await eventually(() => {
      expect(telemetry()).toEqual([DEGRADED]);
    }, patience);
    expect(await register()).toBe(201);
    write('dd_api_key', 'new-key\n');
    await eventually(() => {
      expect(intake.sum('user.registrations')).toBe(2);
    }, patience);
    await eventually(() => {
      expect(telemetry()).toEqual([DEGRADED, BACK]);
    });
    expect(intake.statuses.filter((status) => status === 403)).toEqual([403]);
    expect(program.output.stdout).not.toMatch(/test-key|new-key/);
  });
});
