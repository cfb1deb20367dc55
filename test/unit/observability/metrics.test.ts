import { describe, expect, it } from 'vitest';
import { makeMetrics } from '../../../src/observability/metrics.ts';

const make = () => makeMetrics({ service: 'user-service', env: 'test', version: '1.2.3', commit: 'abc123' });
const IDENTITY = 'service="user-service",env="test",version="1.2.3"';

/** The samples of one metric in a scrape. */
const samples = async ({ registry }: ReturnType<typeof make>, name: string): Promise<string[]> =>
  (await registry.metrics()).split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

describe('makeMetrics', () => {
  it('puts service, env and version on every sample', async () => {
    const metrics = make();
    metrics.httpRequestSeconds.observe({ method: 'GET', route: '/x', status: 200 }, 0.002);
    const lines = (await metrics.registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines.length).toBeGreaterThan(50);
    expect(lines.filter((line) => !line.includes(IDENTITY))).toEqual([]);
  });

  it('has the commit and the Node.js version in build_info', async () => {
    expect(await samples(make(), 'build_info')).toEqual([
      `build_info{commit="abc123",node="${process.version}",${IDENTITY}} 1`,
    ]);
  });

  it('counts registrations from zero, so that the first one is an increase', async () => {
    const metrics = make();
    expect(await samples(metrics, 'user_registrations_total')).toEqual([`user_registrations_total{${IDENTITY}} 0`]);
    metrics.userRegistrations.inc();
    expect(await samples(metrics, 'user_registrations_total')).toEqual([`user_registrations_total{${IDENTITY}} 1`]);
    expect(await metrics.registry.metrics()).toContain('# HELP user_registrations_total Total user registrations\n');
  });

  it('includes metrics of the event loop and the process', async () => {
    const text = await make().registry.metrics();
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds{');
    expect(text).toContain('process_resident_memory_bytes{');
  });

  it('reads a pool when it is scraped', async () => {
    const metrics = make();
    const pool = { totalCount: 3, idleCount: 1, waitingCount: 0 };
    metrics.watchPool(pool);
    pool.waitingCount = 4;
    const values = (await samples(metrics, 'postgres_pool_connections')).map((line) =>
      line.replace(/^.*state="(\w+)".* (\d+)$/, '$1 $2'),
    );
    expect(values).toEqual(['busy 2', 'idle 1', 'waiting 4']);
  });

  it('reads the load of password hashing when it is scraped', async () => {
    const metrics = make();
    metrics.watchHashing(() => ({ running: 2, waiting: 5 }));
    const values = (await samples(metrics, 'password_hashings')).map((line) =>
      line.replace(/^.*state="(\w+)".* (\d+)$/, '$1 $2'),
    );
    expect(values).toEqual(['running 2', 'waiting 5']);
  });

  it('stays under 1,500 series with every route in six statuses', async () => {
    const metrics = make();
    for (let route = 0; route < 16; route += 1)
      for (const status of [200, 400, 401, 404, 429, 503])
        metrics.httpRequestSeconds.observe({ method: 'GET', route: `/r${route}`, status }, 0.01);
    const series = (await metrics.registry.metrics())
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(series.length).toBeLessThanOrEqual(1500);
  });

  it('has a registry per call, for several services in one process', () => {
    expect(make().registry).not.toBe(make().registry);
  });
});
