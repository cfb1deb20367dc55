// The metrics of all processes at once, each with a sample.

import { makeMetrics } from '../../../src/observability/metrics/metrics.ts';

const IDENTITY = {
  service: 'user-service',
  env: 'test',
  version: '1',
  commit: 'abc',
  topics: ['users', 'orders'],
  exporters: ['datadog'],
};

/** Three registrations, one order decided after two seconds, one request of 10 ms. */
export const makeBusyMetrics = () => {
  const metrics = makeMetrics(IDENTITY);
  for (let count = 0; count < 3; count += 1) metrics.userRegistrations.inc();
  metrics.orderProcessingSeconds.observe({ status: 'confirmed' }, 2);
  metrics.httpRequestSeconds
    .labels({ method: 'GET', route: '/api/v1/users/:id', status: '200', cache: 'hit' })
    .observe(0.01);
  metrics.outboxOldestSeconds.set(0);
  metrics.outboxEvents.set({ state: 'pending' }, 2);
  metrics.outboxLeader.set({ shard: '0' }, 1);
  metrics.consumerLag.set({ topic: 'orders', partition: '0' }, 4);
  metrics.dependencyUp.set({ dependency: 'postgres' }, 1);
  metrics.configSecretValid.set({ setting: 'POSTGRES_PASSWORD' }, 1);
  metrics.featureFlagsValid.set({ setting: 'FEATURE_FLAGS_FILE' }, 1);
  metrics.purgeOverdueSeconds.set({ table: 'inbox' }, 0);
  metrics.watchPool({ totalCount: 3, idleCount: 1, waitingCount: 0 });
  metrics.watchHashing(() => ({ running: 1, waiting: 0 }));
  metrics.telemetryPoints.inc({ exporter: 'datadog', result: 'sent' }, 7);
  metrics.telemetryExporterUp.set({ exporter: 'datadog' }, 1);
  return metrics;
};
