import { describe, expect, it } from 'vitest';

import { makeManagementServer } from '../../../src/http/management-server.ts';
import type { LifecycleState } from '../../../src/lifecycle/lifecycle.ts';
import type { ReadinessReport } from '../../../src/lifecycle/readiness.ts';
import { makeRecorder } from '../../support/http/fake-deps.ts';

const info = { service: 'user-service', env: 'test', version: '1.2.3', commit: 'abc' };

const makeServer = (status: ReadinessReport['status'], state: LifecycleState = 'ready') =>
  makeManagementServer({
    logger: makeRecorder().logger,
    currentTrace: () => undefined,
    isStarted: () => state !== 'starting',
    readiness: {
      report: (): ReadinessReport => ({
        status,
        state,
        checks: { redis: { up: status === 'ready', required: false } },
      }),
    },
    registry: { metrics: () => Promise.resolve('up 1\n'), contentType: 'text/plain; version=0.0.4' },
    info,
  });

describe('the management server', () => {
  it.each([
    ['ready', 200],
    ['degraded', 200],
    ['unready', 503],
  ] as const)('answers %s with %i, and says which parts are up', async (status, expected) => {
    const app = await makeServer(status);

    const answer = await app.inject('/health/ready');

    expect(answer.statusCode).toBe(expected);
    expect(answer.json()).toMatchObject({ status, checks: { redis: { up: status === 'ready', required: false } } });
  });

  it('is live whatever is down: a restart would help nobody', async () => {
    const app = await makeServer('unready', 'draining');

    expect((await app.inject('/health/live')).statusCode).toBe(200);
  });

  it.each([
    ['starting', 503],
    ['ready', 200],
    ['draining', 200],
  ] as const)('answers the start-up probe while %s with %i', async (state, expected) => {
    const app = await makeServer('ready', state);

    expect((await app.inject('/health/startup')).statusCode).toBe(expected);
  });

  it('gives the metrics in the type that a scraper expects', async () => {
    const answer = await (await makeServer('ready')).inject('/metrics');

    expect(answer.headers['content-type']).toContain('version=0.0.4');
    expect(answer.body).toBe('up 1\n');
  });

  it('says what is running', async () => {
    expect((await (await makeServer('ready')).inject('/info')).json()).toEqual(info);
  });

  it('answers anything else with a problem', async () => {
    const answer = await (await makeServer('ready')).inject('/users');

    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: 'ROUTE_NOT_FOUND' });
  });
});
