// The memory of the exporter while nothing can be delivered.

import { Counter } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { makeBodyQueue } from '../../../../src/observability/metrics/body-queue.ts';
import { SERIES_PATH, type Body } from '../../../../src/observability/metrics/datadog-bodies.ts';
import { eventually } from '../../../support/eventually.ts';
import { arrangePush, BACK, DEGRADED } from './arrange-push.ts';

const body = (timestamp: number, points = 10): Body => ({
  path: SERIES_PATH,
  series: points,
  points,
  timestamp,
  data: Buffer.alloc(100),
});

const arrangeQueue = (limits = {}) => {
  const clock = { seconds: 1000 };
  let dropped = 0;
  const queue = makeBodyQueue(
    { maxBytes: 300, maxPoints: 1000, maxAgeSeconds: 3600, ...limits },
    { onDropped: (points) => (dropped += points), nowSeconds: () => clock.seconds },
  );
  const drain = (): number[] => {
    const times: number[] = [];
    for (let next = queue.take(); next !== undefined; next = queue.take()) times.push(next.timestamp);
    return times;
  };
  return { queue, clock, drain, dropped: () => dropped };
};

describe('makeBodyQueue', () => {
  it.each([
    ['bytes', { maxBytes: 300 }],
    ['points', { maxPoints: 30 }],
  ])('drops the oldest above the limit of %s, and counts them', (_, limits) => {
    const { queue, drain, dropped } = arrangeQueue({ maxBytes: 10_000, ...limits });
    for (let time = 1001; time <= 1005; time += 1) queue.add([body(time)]);
    expect([drain(), dropped(), queue.points()]).toEqual([[1003, 1004, 1005], 20, 0]);
  });

  it('drops what is older than an hour, and keeps the order of what is put back', () => {
    const { queue, clock, drain, dropped } = arrangeQueue();
    queue.add([body(1001), body(1002), body(1003)]);
    const taken = queue.take();
    queue.putBack(taken === undefined ? [] : [taken]);
    clock.seconds = 1001 + 3601;
    expect([drain(), dropped()]).toEqual([[1002, 1003], 10]);
  });
});

describe('100,000 values of a label', { timeout: 60_000 }, () => {
  it('cost the memory of 5,000 while the intake is down, are reported once, and don’t stop the other metrics', async () => {
    const arranged = await arrangePush({ intervalMs: 200, maxQueueBytes: 200_000 });
    const { intake, metrics, messages, exported, push } = arranged;
    intake.misbehave(() => ({ status: 503 }));
    metrics.registry.removeSingleMetric('orders_placed_total');
    const registers = [metrics.registry];
    const counter = new Counter({ name: 'orders_placed_total', help: 'x', labelNames: ['path'], registers });
    metrics.userRegistrations.inc(2);
    for (let path = 0; path < 100_000; path += 1) counter.inc({ path: `/${path}-${'x'.repeat(30)}` });
    await eventually(
      async () => {
        expect(await exported('telemetry_points_total dropped')).toBeGreaterThan(150_000); // two readings
      },
      { deadlineMs: 30_000 },
    );
    const TOO_MANY = 'there are too many series, some are not sent';
    expect(messages().toSorted((a, b) => b.localeCompare(a))).toEqual([TOO_MANY, DEGRADED]);
    metrics.userRegistrations.inc(1);
    intake.misbehave();
    await eventually(
      () => {
        expect(messages()).toContain(BACK);
      },
      { deadlineMs: 30_000 },
    );
    await push.close();
    const perReading = Map.groupBy(intake.points('orders.placed'), ({ timestamp }) => timestamp);
    expect(Math.max(...[...perReading.values()].map((points) => points.length))).toBeLessThanOrEqual(5000);
    expect(intake.sum('user.registrations')).toBeGreaterThanOrEqual(1);
    expect(intake.faults).toEqual([]);
  });
});
