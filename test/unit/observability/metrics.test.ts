import { getHeapStatistics } from 'node:v8';

import { afterEach, describe, expect, it, vi } from 'vitest';

import { makeMetrics } from '../../../src/observability/metrics/metrics.ts';

const make = () =>
  makeMetrics({
    service: 'user-service',
    env: 'test',
    version: '1.2.3',
    commit: 'abc123',
    topics: ['orders'],
    exporters: ['datadog'],
  });
const IDENTITY = 'service="user-service",env="test",version="1.2.3"';

/** The samples of one metric in a scrape. */
const samples = async ({ registry }: ReturnType<typeof make>, name: string): Promise<string[]> =>
  (await registry.metrics()).split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

afterEach(() => {
  vi.restoreAllMocks();
});

describe('makeMetrics', () => {
  it('puts service, env and version on every sample', async () => {
    const metrics = make();
    metrics.httpRequestSeconds.labels({ method: 'GET', route: '/x', status: '200', cache: 'none' }).observe(0.002);
    const lines = (await metrics.registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines.length).toBeGreaterThan(50);
    expect(lines.filter((line) => !line.includes(IDENTITY))).toEqual([]);
  });

  it('has the commit and the Node.js version in build_info', async () => {
    expect(await samples(make(), 'build_info')).toEqual([
      `build_info{commit="abc123",node="${process.version}",${IDENTITY}} 1`,
    ]);
  });

  it('has the share of the heap that is in use', async () => {
    const [heap = ''] = await samples(make(), 'process_memory_utilization_ratio');
    expect(heap).toContain('{bound="heap"');
    const value = Number(heap.split(' ').at(-1));
    const { heapUsed } = process.memoryUsage();
    expect(value).toBeGreaterThan((0.5 * heapUsed) / getHeapStatistics().heap_size_limit);
    expect(value).toBeLessThan(1);
  });

  it.each([
    ['of the limit', 4 * 1024 ** 2, 1],
    ['only with a limit', 0, 0],
    ['only with a limit that the machine can reach', 2 ** 63, 0],
  ])('has the share of the container that is in use, %s', async (_when, limit, expected) => {
    vi.spyOn(process, 'constrainedMemory').mockReturnValue(limit);
    const container = (await samples(make(), 'process_memory_utilization_ratio')).filter((line) =>
      line.includes('bound="container"'),
    );
    expect(container).toHaveLength(expected);
    for (const line of container) expect(Number(line.split(' ').at(-1))).toBeGreaterThan(1);
  });

  it('counts registrations from zero, so that the first one is an increase', async () => {
    const metrics = make();
    expect(await samples(metrics, 'user_registrations_total')).toEqual([`user_registrations_total{${IDENTITY}} 0`]);
    metrics.userRegistrations.inc();
    expect(await samples(metrics, 'user_registrations_total')).toEqual([`user_registrations_total{${IDENTITY}} 1`]);
    expect(await metrics.registry.metrics()).toContain(
      '# HELP user_registrations Total user registrations\n# TYPE user_registrations counter\n',
    );
  });

  it('starts every combination of known labels at 0, so that the first event is an increase', async () => {
    const text = await make().registry.metrics();
    const zeros = text
      .split('\n')
      .filter((line) => /^(?!nodejs|process)\w+_(?:total|count)\{.* 0$/.test(line))
      .map((line) => line.replace(IDENTITY, '').replace('{,', '{').replace(',}', '}').replace(/ 0$/, ''));
    const result = (metric: string, values: string[]) => values.map((value) => `${metric}{result="${value}"}`);
    expect(zeros.filter((line) => !line.endsWith('{}'))).toEqual([
      'orders_decided_total{status="confirmed"}',
      'orders_decided_total{status="rejected"}',
      'order_processing_time_seconds_count{status="confirmed"}',
      'order_processing_time_seconds_count{status="rejected"}',
      ...result('sign_ins_total', ['accepted', 'refused']),
      ...result('reauthentications_total', ['accepted', 'refused']),
      ...result('session_refreshes_total', ['accepted', 'reused']),
      ...['hit', 'miss', 'error'].map((value) => `cache_requests_total{cache="users",result="${value}"}`),
      'outbox_published_total{topic="orders"}',
      ...['handled', 'skipped', 'retried', 'dead-lettered'].map(
        (value) => `events_consumed_total{topic="orders",result="${value}"}`,
      ),
      ...['sent', 'dropped'].map((value) => `telemetry_points_total{exporter="datadog",result="${value}"}`),
    ]);
  });

  it('has a sample of each counter and histogram from the start, except of requests', async () => {
    const metrics = await make().registry.getMetricsAsJSON();
    const absent = metrics
      .filter(({ type, values }) => ['counter', 'histogram'].includes(String(type)) && values.length === 0)
      .map(({ name }) => name);
    expect(absent.filter((name) => !name.startsWith('nodejs_'))).toEqual(['http_request_duration_seconds']);
  });

  it('has no sample of what only one kind of process measures, until it does', async () => {
    const metrics = make();
    const names = ['outbox_oldest_event_seconds', 'outbox_events', 'outbox_leader', 'consumer_lag_messages'];
    const found = async () => (await Promise.all(names.map((name) => samples(metrics, name)))).flat();
    expect(await found()).toEqual([]);
    metrics.outboxOldestSeconds.set(0);
    expect(await found()).toEqual([`outbox_oldest_event_seconds{${IDENTITY}} 0`]);
  });

  it('accepts only known values of a label', () => {
    const { signIns, ordersDecided, cacheRequests } = make();
    // @ts-expect-error -- not a result of a sign-in
    signIns.inc({ result: 'ann@example.com' });
    // @ts-expect-error -- a label is missing
    cacheRequests.inc({ result: 'hit' });
    expect(() => {
      // @ts-expect-error -- not a label
      ordersDecided.inc({ status: 'confirmed', topic: 'x' });
    }).toThrow('Added label "topic"');
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

  it('has a registry per call, for several services in one process', () => {
    expect(make().registry).not.toBe(make().registry);
  });
});
