// What the exporter sends, while the intake accepts it.

import { describe, expect, it } from 'vitest';
import { DATADOG_METRICS } from '../../../../src/observability/metrics/datadog-names.ts';
import { eventually } from '../../../support/eventually.ts';
import { arrangePush } from './arrange-push.ts';

const COMMON = ['service:user-service', 'env:test', 'version:1.2.3'];

describe('startDatadogPush', () => {
  it('sends counters as counts with their interval, gauges as gauges, with common tags and the host', async () => {
    const { intake, metrics, push } = await arrangePush({ intervalMs: 60_000 });
    metrics.userRegistrations.inc(3);
    metrics.dependencyUp.set({ dependency: 'redis' }, 1);
    await push.close();
    expect(intake.points('user.registrations')).toMatchObject([
      { kind: 'count', interval: 60, tags: COMMON, host: 'pod-1', values: [3] },
    ]);
    expect(intake.points('dependency.up')).toMatchObject([
      { kind: 'gauge', tags: [...COMMON, 'dependency:redis'], host: 'pod-1', values: [1] },
    ]);
    expect(intake.faults).toEqual([]);
  });

  it('sends the values of the processing time as a distribution', async () => {
    const { intake, metrics, push } = await arrangePush();
    metrics.orderProcessingSeconds.observe({ status: 'confirmed' }, 0.25);
    metrics.orderProcessingSeconds.observe({ status: 'confirmed' }, 7.5);
    metrics.orderProcessingSeconds.observe({ status: 'rejected' }, 1);
    await push.close();
    const points = intake.points('order.processing.time');
    expect(points.map(({ kind, tags, values }) => [kind, tags.at(-1), values])).toEqual([
      ['distribution', 'status:confirmed', [0.25, 7.5]],
      ['distribution', 'status:rejected', [1]],
    ]);
    expect(intake.points().filter(({ metric }) => metric.startsWith('order.processing.time.'))).toEqual([]);
  });

  it('sends the request histogram as the counts that the OpenMetrics check makes of it', async () => {
    const { intake, metrics, push } = await arrangePush();
    metrics.httpRequestSeconds
      .labels({ method: 'GET', route: '/api/v1/users/:id', status: '200', cache: 'none' })
      .observe(0.3);
    await push.close();
    const tags = ['method:GET', 'route:/api/v1/users/:id', 'status:200', 'cache:none'];
    expect(intake.sum('http.request.duration.count', ...tags)).toBe(1);
    expect(intake.sum('http.request.duration.sum', ...tags)).toBeCloseTo(0.3);
    const bounds = intake
      .points('http.request.duration.bucket')
      .map(({ tags: all, values }) => [all.find((tag) => tag.startsWith('upper_bound:')), values[0]]);
    expect(bounds).toContainEqual(['upper_bound:0.1', 0]);
    expect(bounds).toContainEqual(['upper_bound:1.0', 1]);
    expect(bounds).toContainEqual(['upper_bound:2.5', 1]);
    expect(bounds.map(([bound]) => bound)).not.toContain('upper_bound:+Inf');
  });

  it('sends every metric of the allow-list that the registry has, and no other', async () => {
    const { intake, metrics, push } = await arrangePush();
    metrics.watchPool({ totalCount: 3, idleCount: 1, waitingCount: 0 });
    metrics.watchHashing(() => ({ running: 1, waiting: 0 }));
    metrics.dependencyUp.set({ dependency: 'redis' }, 1);
    metrics.configSecretValid.set({ setting: 'DD_API_KEY' }, 1);
    metrics.featureFlagsValid.set({ setting: 'FEATURE_FLAGS_FILE' }, 1);
    metrics.purgeOverdueSeconds.set({ table: 'inbox' }, 0);
    metrics.outboxEvents.set({ state: 'pending' }, 0);
    metrics.outboxOldestSeconds.set(0);
    metrics.outboxLeader.set({ shard: '0' }, 1);
    metrics.consumerLag.set({ topic: 'orders', partition: '0' }, 0);
    metrics.httpRequestSeconds.labels({ method: 'GET', route: '/x', status: '200', cache: 'none' }).observe(0.3);
    metrics.orderProcessingSeconds.observe({ status: 'confirmed' }, 1);
    await push.close();
    const expected = [...DATADOG_METRICS.values()].flatMap(({ name, type }) =>
      type === 'buckets' ? [`${name}.bucket`, `${name}.sum`, `${name}.count`] : [name],
    );
    const sent = new Set(intake.points().map(({ metric }) => metric));
    expect([...sent].toSorted((a, b) => a.localeCompare(b))).toEqual(expected.toSorted((a, b) => a.localeCompare(b)));
    expect(intake.faults).toEqual([]);
  });

  it('counts everything once, over many intervals and the last flush', async () => {
    const { intake, metrics, push, clock } = await arrangePush();
    for (let round = 0; round < 8; round += 1) {
      const before = intake.statuses.length;
      metrics.userRegistrations.inc(5);
      metrics.orderProcessingSeconds.observe({ status: 'confirmed' }, 2);
      await eventually(() => {
        expect(intake.statuses.length).toBeGreaterThan(before);
      });
    }
    clock.seconds += 0.2; // within the second of the last interval
    metrics.userRegistrations.inc(2);
    await push.close();
    expect(intake.sum('user.registrations')).toBe(42);
    expect(intake.sum('order.processing.time')).toBe(16);
    expect(intake.points('user.registrations').length).toBeGreaterThan(4);
    expect([intake.faults, new Set(intake.statuses)]).toEqual([[], new Set([202])]);
  });

  it('reports what it sent', async () => {
    const { intake, exported, push, lines } = await arrangePush();
    await eventually(() => {
      expect(intake.statuses.length).toBeGreaterThan(1);
    });
    await push.close();
    const delivered = intake.points().reduce((sum, { values }) => sum + values.length, 0);
    expect([await exported('telemetry_points_total sent'), await exported('telemetry_exporter_up')]).toEqual([
      delivered,
      1,
    ]);
    expect(lines).toEqual([]);
  });
});
