// The state of the process in one JSON document, for an operator who cannot attach a debugger. Not `process.report`: that contains the environment
// and the command line. What is in the schema below is all that leaves the process, and no value of it is a secret.

import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';

import { Type, type Static } from 'typebox';

const count = Type.Number();
const counts = Type.Record(Type.String(), count);

export const diagnosticReport = Type.Object({
  schemaVersion: Type.Literal(1),
  takenAt: Type.String(),
  uptimeSeconds: count,
  process: Type.Object({
    service: Type.String(),
    env: Type.String(),
    version: Type.String(),
    commit: Type.String(),
    node: Type.String(),
  }),
  logLevel: Type.String(),
  /** Measured for one second after the request. */
  eventLoop: Type.Object({ meanDelayMs: count, p99DelayMs: count, maxDelayMs: count, utilization: count }),
  cpu: Type.Object({ userSeconds: count, systemSeconds: count }),
  memory: Type.Object({
    residentBytes: count,
    heapUsedBytes: count,
    heapTotalBytes: count,
    heapLimitBytes: count,
    externalBytes: count,
    arrayBuffersBytes: count,
  }),
  /** What keeps the event loop alive, by kind: TCPSocketWrap, Timeout … */
  resources: counts,
  /** Samples of the metrics of pool, cache, outbox, consumers and dependencies. */
  metrics: Type.Array(
    Type.Object({ name: Type.String(), labels: Type.Record(Type.String(), Type.String()), value: count }),
  ),
  readiness: Type.Object({
    status: Type.String(),
    state: Type.String(),
    reason: Type.Optional(Type.String()),
    checks: Type.Record(Type.String(), Type.Object({ up: Type.Boolean(), required: Type.Boolean() })),
  }),
  config: Type.Record(Type.String(), Type.Union([Type.String(), count, Type.Boolean()])),
});

export type DiagnosticReport = Static<typeof diagnosticReport>;

type Sample = { readonly labels: Readonly<Record<string, unknown>>; readonly value: number };

/** prom-client's Registry satisfies it. */
export type MetricSource = {
  getSingleMetric(name: string): { get(): Promise<{ readonly values: readonly Sample[] }> } | undefined;
};

type Deps = {
  readonly info: Readonly<Record<'service' | 'env' | 'version' | 'commit', string>>;
  readonly registry: MetricSource;
  readonly logLevel: () => string;
  readonly readiness: { report(): DiagnosticReport['readiness'] };
  /** Masked: config/masked-view.ts makes it. */
  readonly config: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  /** Default: one second. */
  readonly measureMs?: number;
};

const METRICS = [
  'postgres_pool_connections',
  'password_hashings',
  'cache_requests_total',
  'dependency_up',
  'config_secret_valid',
  'feature_flags_valid',
  'outbox_events',
  'outbox_oldest_event_seconds',
  'outbox_leader',
  'consumer_lag_messages',
  'unhandled_rejections_total',
];

const samplesOf = async (registry: MetricSource, name: string): Promise<DiagnosticReport['metrics']> => {
  const metric = registry.getSingleMetric(name);
  const { values } = metric === undefined ? { values: [] } : await metric.get();
  return values.map(({ labels, value }) => ({
    name,
    labels: Object.fromEntries(Object.entries(labels).map(([label, text]) => [label, String(text)])),
    value,
  }));
};

const toMs = (nanoseconds: number): number =>
  Number.isFinite(nanoseconds) ? Math.round(nanoseconds / 10_000) / 100 : 0;

const measureEventLoop = async (measureMs: number): Promise<DiagnosticReport['eventLoop']> => {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  const before = performance.eventLoopUtilization();
  delay.enable();
  await pause(measureMs, undefined, { ref: false });
  delay.disable();
  const { utilization } = performance.eventLoopUtilization(before);
  return {
    meanDelayMs: toMs(delay.mean),
    p99DelayMs: toMs(delay.percentile(99)),
    maxDelayMs: toMs(delay.max),
    utilization: Math.round(utilization * 1000) / 1000,
  };
};

const memoryOf = (): DiagnosticReport['memory'] => {
  const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
  return {
    residentBytes: rss,
    heapUsedBytes: heapUsed,
    heapTotalBytes: heapTotal,
    heapLimitBytes: getHeapStatistics().heap_size_limit,
    externalBytes: external,
    arrayBuffersBytes: arrayBuffers,
  };
};

const resourcesOf = (): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(process.getActiveResourcesInfo(), (kind) => kind)].map(([kind, all]) => [kind, all.length]),
  );

export const makeDiagnosticReport =
  ({ info, registry, logLevel, readiness, config, measureMs = 1000 }: Deps) =>
  async (): Promise<DiagnosticReport> => {
    const eventLoop = await measureEventLoop(measureMs);
    const { user, system } = process.cpuUsage();
    return {
      schemaVersion: 1,
      takenAt: new Date().toISOString(),
      uptimeSeconds: Math.round(process.uptime()),
      process: { ...info, node: process.version },
      logLevel: logLevel(),
      eventLoop,
      cpu: { userSeconds: user / 1e6, systemSeconds: system / 1e6 },
      memory: memoryOf(),
      resources: resourcesOf(),
      metrics: (await Promise.all(METRICS.map((name) => samplesOf(registry, name)))).flat(),
      readiness: readiness.report(),
      config: Object.fromEntries(
        Object.entries(config).map(([name, value]) => [name, Array.isArray(value) ? value.join() : value]),
      ) as DiagnosticReport['config'],
    };
  };
