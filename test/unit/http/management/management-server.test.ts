import { describe, expect, it } from 'vitest';

import { makeManagementServer } from '../../../../src/http/management/management-server.ts';
import type { LifecycleState } from '../../../../src/lifecycle/lifecycle.ts';
import type { ReadinessReport } from '../../../../src/lifecycle/readiness.ts';
import { eventually } from '../../../support/eventually.ts';
import { makeRecorder } from '../../../support/http/fake-deps.ts';
import { listen, openSocket } from '../../../support/http/raw-request.ts';

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
    addHandles: undefined,
    info,
  });

describe('the management server', () => {
  it.each([
    ['ready', 200],
    ['degraded', 200],
    ['unready', 503],
  ] as const)(
    'responds to the readiness probe while %s with %i and the result of each check',
    async (status, expected) => {
      const app = await makeServer(status);

      const response = await app.inject('/health/ready');

      expect(response.statusCode).toBe(expected);
      expect(response.json()).toMatchObject({ status, checks: { redis: { up: status === 'ready', required: false } } });
    },
  );

  it('is live while dependencies are down: a restart would not help', async () => {
    const app = await makeServer('unready', 'draining');

    expect((await app.inject('/health/live')).statusCode).toBe(200);
  });

  it.each([
    ['starting', 503],
    ['ready', 200],
    ['draining', 200],
  ] as const)('responds to the startup probe while %s with %i', async (state, expected) => {
    const app = await makeServer('ready', state);

    expect((await app.inject('/health/startup')).statusCode).toBe(expected);
  });

  it('serves metrics with the content type of the registry', async () => {
    const response = await (await makeServer('ready')).inject('/metrics');

    expect(response.headers['content-type']).toContain('version=0.0.4');
    expect(response.body).toBe('up 1\n');
  });

  it('serves service, environment, version and commit at /info', async () => {
    expect((await (await makeServer('ready')).inject('/info')).json()).toEqual(info);
  });

  it('closes silent and half-spoken connections when it closes', async () => {
    const app = await makeServer('ready');
    const port = await listen(app);
    const clients = await Promise.all(['', 'GET /', 'nonsense\r\n\r\n'].map((bytes) => openSocket(port, bytes)));
    for (const { read } of clients) read();

    const begin = performance.now();
    await app.close();

    expect(performance.now() - begin).toBeLessThan(1000);
    await Promise.all(clients.map(({ closed }) => closed));
  });

  it('limits the connections from one address', async () => {
    const app = await makeServer('ready');
    const port = await listen(app);
    const clients = await Promise.all(Array.from({ length: 60 }, () => openSocket(port)));

    await eventually(() => {
      expect(clients.filter(({ socket }) => socket.destroyed)).toHaveLength(10);
    });
    await app.close();
  });

  it('responds to other paths with a problem document', async () => {
    const response = await (await makeServer('ready')).inject('/users');

    expect(response.statusCode).toBe(404);
    expect(response.json()).toMatchObject({ code: 'ROUTE_NOT_FOUND' });
  });
});
