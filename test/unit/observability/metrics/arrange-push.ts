// The exporter on a registry, sending to a local intake. Each push is one second later for both.

import { afterEach } from 'vitest';
import type { LogFields } from '../../../../src/observability/log-fields.ts';
import { startDatadogPush, type DatadogPushOptions } from '../../../../src/observability/metrics/datadog-push.ts';
import { makeMetrics } from '../../../../src/observability/metrics/metrics.ts';
import { startDatadogIntake } from '../../../support/datadog-intake.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

export type Line = LogFields & { readonly msg: string };

export const arrangePush = async (options: Partial<DatadogPushOptions> = {}) => {
  const clock = { seconds: Date.now() / 1000 };
  const intake = await startDatadogIntake({ now: () => clock.seconds });
  closers.push(intake.close);
  const identity = { service: 'user-service', env: 'test', version: '1.2.3' };
  const metrics = makeMetrics({ ...identity, commit: 'abc123', topics: ['orders'], exporters: ['datadog'] });
  const lines: Line[] = [];
  const log = (fields: LogFields, msg: string): void => {
    lines.push({ ...fields, msg });
  };
  const secret = { key: 'test-key' };
  const push = startDatadogPush({
    ...identity,
    metrics,
    logger: { info: log, warn: log },
    host: 'pod-1',
    url: intake.url,
    apiKey: () => secret.key,
    intervalMs: 20,
    timeoutMs: 1000,
    backoff: { firstMs: 20, maxMs: 100 },
    nowSeconds: () => clock.seconds,
    ...options,
  });
  closers.push(push.close);
  const exported = async (name: string): Promise<number | undefined> => {
    const [metric, result] = name.split(' ');
    const { values } = (await metrics.registry.getSingleMetric(metric ?? '')?.get()) ?? { values: [] };
    return values.find(({ labels }) => result === undefined || labels.result === result)?.value;
  };
  return {
    clock,
    intake,
    metrics,
    lines,
    secret,
    push,
    messages: () => lines.map(({ msg }) => msg),
    /** The value of `telemetry_exporter_up` or `telemetry_points_total sent`. */
    exported,
  };
};

export const DEGRADED = 'telemetry is degraded: metrics are not delivered';
export const BACK = 'telemetry is delivered again';
