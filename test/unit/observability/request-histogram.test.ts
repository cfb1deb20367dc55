import { describe, expect, it } from 'vitest';
import { parseExposition, type Sample } from '../../../scripts/telemetry/exposition.ts';
import { makeMetrics } from '../../../src/observability/metrics/metrics.ts';
import type { CurrentTrace } from '../../../src/observability/metrics/traced-histogram.ts';

const IDENTITY = { service: 'user-service', env: 'test', version: '1', commit: 'c' };
const TRACE = { traceId: '0af7651916cd43dd8448eb211c80319c' };

const make = (currentTrace?: CurrentTrace) => makeMetrics({ ...IDENTITY, ...(currentTrace && { currentTrace }) });
const read = { method: 'GET', route: '/api/v1/users/:id', status: '200', cache: 'hit' } as const;

const samplesOf = async ({ registry }: ReturnType<typeof make>, name?: string): Promise<Sample[]> =>
  parseExposition(await registry.metrics())
    .flatMap(({ samples }) => samples)
    .filter((sample) => name === undefined || sample.name === name);
const BUCKET = 'http_request_duration_seconds_bucket';
const COUNT = 'http_request_duration_seconds_count';

/** `name limit trace id` */
const exemplars = async (metrics: ReturnType<typeof make>): Promise<string[]> =>
  (await samplesOf(metrics)).flatMap(({ name, labels, exemplar }) =>
    exemplar === undefined ? [] : [`${name} ${labels.le} ${exemplar.trace_id}`],
  );

describe('the histogram of requests', () => {
  it('has the objectives as limits of buckets', async () => {
    const metrics = make();
    metrics.httpRequestSeconds.labels(read).observe(0.008);
    const limits = (await samplesOf(metrics, BUCKET)).map(({ labels, value }) => `${labels.le} ${value}`);
    expect(limits.join()).toBe('0.001 0,0.0025 0,0.005 0,0.008 1,0.02 1,0.05 1,0.1 1,0.25 1,0.5 1,1 1,2.5 1,+Inf 1');
  });

  it('keeps hit, miss and none apart', async () => {
    const metrics = make();
    for (const cache of ['hit', 'miss', 'miss', 'none'] as const)
      metrics.httpRequestSeconds.labels({ ...read, cache }).observe(0.001);
    const counts = (await samplesOf(metrics, COUNT)).map(({ labels, value }) => `${labels.cache} ${value}`);
    expect(counts).toEqual(['hit 1', 'miss 2', 'none 1']);
  });

  it('counts combinations beyond the first 80 together, by class of status', async () => {
    const metrics = make();
    for (let route = 0; route < 200; route += 1)
      for (const status of ['200', '404', '499', '503'])
        metrics.httpRequestSeconds.labels({ ...read, route: `/r${route}`, status }).observe(0.01);
    const others = (await samplesOf(metrics, COUNT))
      .filter(({ labels }) => labels.route === 'other')
      .map(({ labels, value }) => `${labels.method} ${labels.status} ${labels.cache} ${value}`);
    expect(others).toEqual(['OTHER 2xx none 180', 'OTHER 4xx none 360', 'OTHER 5xx none 180']);
    expect((await samplesOf(metrics)).length).toBeLessThanOrEqual(1500);
  });

  it('starts a combination at 0', async () => {
    const metrics = make();
    metrics.httpRequestSeconds.zero({ ...read, status: '500' });
    expect(await samplesOf(metrics, COUNT)).toMatchObject([{ labels: { status: '500' }, value: 0 }]);
  });
});

describe('exemplars', () => {
  it('have the id of a trace that ended in the bucket, at most one per bucket and scrape', async () => {
    const ids = ['a', 'b', 'c', 'd'];
    const metrics = make(() => ({ traceId: ids.shift() ?? '' }));
    const samples = metrics.httpRequestSeconds.labels(read);
    for (const seconds of [0.001, 0.001, 9]) samples.observe(seconds);
    expect(await exemplars(metrics)).toEqual([`${BUCKET} 0.001 a`, `${BUCKET} +Inf b`]);
    samples.observe(0.001);
    samples.observe(0.001);
    expect(await exemplars(metrics)).toEqual([`${BUCKET} 0.001 c`, `${BUCKET} +Inf b`]);
  });

  it('are on the processing time of orders too', async () => {
    const metrics = make(() => TRACE);
    metrics.orderProcessingSeconds.observe({ status: 'confirmed' }, 0.2);
    expect(await exemplars(metrics)).toEqual([`order_processing_time_seconds_bucket 0.25 ${TRACE.traceId}`]);
  });

  it('are absent without a trace, and samples are counted all the same', async () => {
    const metrics = make();
    metrics.httpRequestSeconds.labels(read).observe(0.001);
    metrics.orderProcessingSeconds.observe({ status: 'confirmed' }, 0.2);
    expect(await exemplars(metrics)).toEqual([]);
    expect(await samplesOf(metrics, COUNT)).toMatchObject([{ value: 1 }]);
    expect((await samplesOf(metrics, 'order_processing_time_seconds_count'))[0]).toMatchObject({ value: 1 });
  });

  it('need the OpenMetrics format, which ends with EOF', async () => {
    const { registry } = make();
    expect(registry.contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(await registry.metrics()).toMatch(/\n# EOF\n$/);
  });
});
