import { describe, expect, it } from 'vitest';
import { makeMetrics } from '../../../../src/observability/metrics/metrics.ts';
import { startNewRelicMetrics } from '../../../../src/observability/metrics/new-relic-metrics.ts';
import type { Delivery } from '../../../../src/observability/trace-context.ts';

const DELIVERED: Delivery = { reason: undefined, isLasting: false, sent: 3, dropped: 0 };
const REFUSED: Delivery = { reason: 'New Relic refuses the license key', isLasting: true, sent: 0, dropped: 0 };

const arrange = () => {
  const metrics = makeMetrics({
    service: 's',
    env: 'test',
    version: '1',
    commit: 'c',
    exporters: ['newrelic'],
    currentTrace: () => undefined,
  });
  const handed = new Map<string, unknown>();
  const hand = (name: string, value: unknown): void => {
    handed.set(name, value);
  };
  const lines: unknown[][] = [];
  const listeners: ((delivery: Delivery) => void)[] = [];
  const log = (...line: unknown[]): void => {
    lines.push(line);
  };
  const { close } = startNewRelicMetrics({
    metrics,
    logger: { info: log, warn: log },
    sink: { incrementMetric: hand, recordMetric: hand },
    onDelivery: (listener) => {
      listeners.push(listener);
    },
    intervalMs: 60_000,
  });
  const deliver = (delivery: Delivery): void => {
    for (const listener of listeners) listener(delivery);
  };
  return { metrics, handed, lines, close, deliver };
};

describe('startNewRelicMetrics', () => {
  it('hands over increments, gauges and summaries under the names that Datadog has, with the values of labels behind them', async () => {
    const { metrics, handed, close } = arrange();
    metrics.userRegistrations.inc(2);
    metrics.ordersDecided.inc({ status: 'confirmed' });
    metrics.dependencyUp.set({ dependency: 'postgres' }, 1);
    metrics.orderProcessingSeconds.observe({ status: 'confirmed' }, 1);
    metrics.orderProcessingSeconds.observe({ status: 'confirmed' }, 3);
    await close();
    const summary = { count: 2, total: 4, min: 1, max: 3, sumOfSquares: 10 };
    expect(Object.fromEntries(handed)).toMatchObject({
      'user.registrations': 2,
      'orders.decided': 1,
      'orders.decided/confirmed': 1,
      'dependency.up/postgres': 1,
      'order.processing.time': summary,
      'order.processing.time/confirmed': summary,
    });
    expect([...handed.keys()].filter((name) => /^(?:process|nodejs|http\.request)\b/.test(name))).toEqual([]);
  });

  it('logs one line when a delivery fails for good and one when it works again, and counts what is sent', async () => {
    const { metrics, lines, deliver } = arrange();
    for (const delivery of [DELIVERED, REFUSED, REFUSED, DELIVERED, DELIVERED]) deliver(delivery);
    expect(lines.map(([, message]) => message)).toEqual([
      'telemetry is degraded: metrics are not delivered',
      'telemetry is delivered again',
    ]);
    expect(await metrics.registry.metrics()).toMatch(
      /^telemetry_points_total\{exporter="newrelic",result="sent".*\} 9$/m,
    );
  });
});
