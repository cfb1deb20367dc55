import { Counter, Registry, type OpenMetricsContentType } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { makeMetrics } from '../../../../src/observability/metrics/metrics.ts';
import { makeRegistryDeltas } from '../../../../src/observability/metrics/registry-deltas.ts';
import { makeReservoir } from '../../../../src/observability/metrics/reservoir.ts';

const make = () =>
  makeMetrics({ service: 'user-service', env: 'test', version: '1.2.3', commit: 'abc123', topics: ['orders'] });

describe('makeRegistryDeltas', () => {
  it('reads what was counted since the last reading, at first since the start', async () => {
    const metrics = make();
    metrics.userRegistrations.inc(3);
    const { readSamples } = makeRegistryDeltas({ registry: metrics.registry, names: ['user_registrations_total'] });
    const counted = async () => (await readSamples()).counts;
    expect(await counted()).toEqual([{ metric: 'user_registrations_total', labels: {}, value: 3 }]);
    metrics.userRegistrations.inc(2);
    expect((await counted())[0]?.value).toBe(2);
    expect((await counted())[0]?.value).toBe(0);
  });

  it('finds counters after a scrape in the OpenMetrics format, which renames them', async () => {
    const registry = new Registry<OpenMetricsContentType>();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const counter = new Counter({ name: 'orders_placed_total', help: 'x', registers: [registry] });
    const { readSamples } = makeRegistryDeltas({ registry, names: ['orders_placed_total'] });
    counter.inc();
    await registry.metrics();
    expect((await readSamples()).counts).toEqual([{ metric: 'orders_placed_total', labels: {}, value: 1 }]);
    counter.inc();
    expect((await readSamples()).counts[0]?.value).toBe(1);
  });

  it('gives each reader its own increments', async () => {
    const metrics = make();
    const options = { registry: metrics.registry, names: ['orders_placed_total'] };
    const [one, other] = [makeRegistryDeltas(options), makeRegistryDeltas(options)];
    metrics.ordersPlaced.inc();
    expect((await one.readSamples()).counts[0]?.value).toBe(1);
    expect((await other.readSamples()).counts[0]?.value).toBe(1);
  });

  it('reads a histogram as cumulative buckets, sum and count, each as an increment', async () => {
    const metrics = make();
    const deltas = makeRegistryDeltas({ registry: metrics.registry, names: ['http_request_duration_seconds'] });
    const samples = metrics.httpRequestSeconds.labels({ method: 'GET', route: '/x', status: '200', cache: 'none' });
    samples.observe(0.002);
    await deltas.readSamples();
    samples.observe(0.06);
    const { counts } = await deltas.readSamples();
    const labels = { method: 'GET', route: '/x', status: '200', cache: 'none' };
    expect(counts.filter(({ part }) => part !== 'bucket')).toEqual([
      { metric: 'http_request_duration_seconds', part: 'sum', labels, value: 0.06 },
      { metric: 'http_request_duration_seconds', part: 'count', labels, value: 1 },
    ]);
    const buckets = new Map(counts.filter(({ part }) => part === 'bucket').map((s) => [s.labels.le, s.value]));
    expect([buckets.get('0.001'), buckets.get('0.05'), buckets.get('0.1'), buckets.get('+Inf')]).toEqual([0, 0, 1, 1]);
  });

  it('reads gauges as they are, also those that another metric sets when it is read', async () => {
    const metrics = make();
    metrics.dependencyUp.set({ dependency: 'redis' }, 1);
    const names = ['dependency_up', 'nodejs_heap_size_used_bytes', 'nodejs_eventloop_lag_p99_seconds'];
    const { gauges } = await makeRegistryDeltas({ registry: metrics.registry, names }).readSamples();
    expect(gauges).toContainEqual({ metric: 'dependency_up', labels: { dependency: 'redis' }, value: 1 });
    expect(gauges.find(({ metric }) => metric === 'nodejs_heap_size_used_bytes')?.value).toBeGreaterThan(1e6);
    expect(gauges.map(({ metric }) => metric)).toContain('nodejs_eventloop_lag_p99_seconds');
  });

  it('reads the values of a histogram that has a reservoir, instead of its buckets', async () => {
    const metrics = make();
    const reservoir = makeReservoir({ capacity: 10 });
    metrics.orderProcessingSeconds.watch(reservoir.observe);
    const metric = 'order_processing_time_seconds';
    const deltas = makeRegistryDeltas({
      registry: metrics.registry,
      names: [metric],
      reservoirs: new Map([[metric, reservoir]]),
    });
    metrics.orderProcessingSeconds.observe({ status: 'confirmed' }, 0.25);
    metrics.orderProcessingSeconds.observe({ status: 'confirmed' }, 7);
    const { counts, distributions } = await deltas.readSamples();
    expect(counts).toEqual([]);
    expect(distributions).toMatchObject([{ metric, labels: { status: 'confirmed' }, values: [0.25, 7] }]);
    expect((await deltas.readSamples()).distributions).toEqual([]);
  });

  it('skips series above the limit, and goes on counting those that it knows', async () => {
    const registry = new Registry<OpenMetricsContentType>();
    const counter = new Counter({ name: 'x_total', help: 'x', labelNames: ['path'], registers: [registry] });
    const { readSamples } = makeRegistryDeltas({ registry, names: ['x_total'], maxSeries: 3 });
    for (let path = 0; path < 5; path += 1) counter.inc({ path });
    expect(await readSamples()).toMatchObject({ skipped: 2, counts: [{ value: 1 }, { value: 1 }, { value: 1 }] });
    counter.inc({ path: 0 });
    counter.inc({ path: 4 });
    expect(await readSamples()).toMatchObject({ skipped: 2, counts: [{ value: 1 }, { value: 0 }, { value: 0 }] });
  });
});

describe('makeReservoir', () => {
  it('keeps a uniform sample of more values than fit, and says how many there were', () => {
    const reservoir = makeReservoir({ capacity: 100 });
    for (let value = 0; value < 10_000; value += 1) reservoir.observe({ status: 'confirmed' }, value);
    const [taken] = reservoir.take();
    expect([taken?.values.length, taken?.seen]).toEqual([100, 10_000]);
    const mean = (taken?.values ?? []).reduce((sum, value) => sum + value, 0) / 100;
    expect(mean).toBeGreaterThan(3500); // 5 standard errors of a uniform sample
    expect(mean).toBeLessThan(6500);
    expect(reservoir.take()).toEqual([]);
  });
});
