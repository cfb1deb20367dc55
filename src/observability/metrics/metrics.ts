// All metrics of the service. A label never has an id, an e-mail or a raw URL as its value: the values of a label are few and known.

import { collectDefaultMetrics, Counter, Gauge, Registry, type OpenMetricsContentType } from 'prom-client';

import { watchMemory } from '../diagnostics/memory-gauge.ts';
import { eventMetrics } from './event-metrics.ts';
import { countKnown, measureKnown } from './known-labels.ts';
import { makeRequestHistogram } from './request-histogram.ts';
import type { CurrentTrace, OpenMetricsRegistry } from './traced-histogram.ts';

type Identity = { readonly service: string; readonly env: string; readonly version: string; readonly commit: string };
type Options = Identity & {
  /** Topics of the events; their counters start at 0. */
  readonly topics?: readonly string[];
  /** For exemplars. Default: none. */
  readonly currentTrace?: CurrentTrace;
  /** Of metrics, that this process runs; the counters about them start at 0. */
  readonly exporters?: readonly string[];
};

/** The statistics of a connection pool; pg.Pool has them. */
type WatchedPool = { readonly totalCount: number; readonly idleCount: number; readonly waitingCount: number };
type HashingLoad = { readonly running: number; readonly waiting: number };

/** Seconds. A worker usually decides an order within one second; more than a minute means an outage. */
const PROCESSING_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

const businessMetrics = (registers: OpenMetricsRegistry[], currentTrace: CurrentTrace) => ({
  userRegistrations: new Counter({ name: 'user_registrations_total', help: 'Total user registrations', registers }),
  userProfileChanges: new Counter({ name: 'user_profile_changes_total', help: 'Total profile changes', registers }),
  userErasures: new Counter({ name: 'user_erasures_total', help: 'Total user erasures', registers }),
  ordersPlaced: new Counter({ name: 'orders_placed_total', help: 'Total orders placed', registers }),
  ordersDecided: countKnown({
    name: 'orders_decided_total',
    help: 'Total orders decided by status: confirmed or rejected',
    values: { status: ['confirmed', 'rejected'] },
    registers,
  }),
  orderProcessingSeconds: measureKnown({
    name: 'order_processing_time_seconds',
    help: 'Time from an order being placed to its decision, by status: confirmed or rejected',
    values: { status: ['confirmed', 'rejected'] },
    buckets: PROCESSING_BUCKETS,
    currentTrace,
    registers,
  }),
  signIns: countKnown({
    name: 'sign_ins_total',
    help: 'Total sign-in attempts by result: accepted or refused',
    values: { result: ['accepted', 'refused'] },
    registers,
  }),
  reauthentications: countKnown({
    name: 'reauthentications_total',
    help: 'Total passwords entered again within a session by result: accepted or refused',
    values: { result: ['accepted', 'refused'] },
    registers,
  }),
  sessionRefreshes: countKnown({
    name: 'session_refreshes_total',
    help: 'Total uses of a refresh token by result: accepted, or reused when the token had been used before',
    values: { result: ['accepted', 'reused'] },
    registers,
  }),
  signOuts: new Counter({ name: 'sign_outs_total', help: 'Total sign-outs', registers }),
  passwordChanges: new Counter({ name: 'password_changes_total', help: 'Total password changes', registers }),
  clientTokens: new Counter({ name: 'client_tokens_total', help: 'Total tokens issued to services', registers }),
});

const technicalMetrics = (registers: OpenMetricsRegistry[], currentTrace: CurrentTrace) => ({
  /** Its combinations of labels start at 0 as far as the routes are known: http/hooks/request-log.ts. */
  httpRequestSeconds: makeRequestHistogram({ registers, currentTrace }),
  httpRequestsShed: new Counter({
    name: 'http_requests_shed_total',
    help: 'Total requests rejected with 503 because the event loop was overloaded',
    registers,
  }),
  httpConnectionsRefused: new Counter({
    name: 'http_connections_refused_total',
    help: 'Total connections closed at once because there were too many, in all or from their address',
    registers,
  }),
  cacheRequests: countKnown({
    name: 'cache_requests_total',
    help: 'Total cache look-ups by cache and result: hit, miss or error',
    values: { cache: ['users'], result: ['hit', 'miss', 'error'] },
    registers,
  }),
  purgeOverdueSeconds: new Gauge({
    name: 'purge_overdue_seconds',
    help: 'For how long the oldest row that is still stored has been expired, by table; 0 if there is none',
    labelNames: ['table'],
    registers,
  }),
  dependencyUp: new Gauge({
    name: 'dependency_up',
    help: '1 if the last check of the dependency succeeded, else 0',
    labelNames: ['dependency'],
    registers,
  }),
  configSecretValid: new Gauge({
    name: 'config_secret_valid',
    help: '1 if the content of the secret file of a setting is valid and in use, 0 while an earlier content is in use',
    labelNames: ['setting'],
    registers,
  }),
  configSecretExpiry: new Gauge({
    name: 'config_secret_expiry_timestamp_seconds',
    help: 'Unix time at which the content in use of a secret file expires, for a secret that says when',
    labelNames: ['setting'],
    registers,
  }),
  featureFlagsValid: new Gauge({
    name: 'feature_flags_valid',
    help: '1 if the content of the file of feature flags is valid and in use, 0 while earlier values are in use',
    labelNames: ['setting'],
    registers,
  }),
  unhandledRejections: new Counter({
    name: 'unhandled_rejections_total',
    help: 'Total rejected promises that no code handled: each is a defect',
    registers,
  }),
});

const exporterMetrics = (registers: OpenMetricsRegistry[], exporters: readonly string[]) => ({
  telemetryPoints: countKnown({
    name: 'telemetry_points_total',
    help: 'Total points of metrics that an exporter sent, or dropped because they could not be delivered',
    values: { exporter: exporters, result: ['sent', 'dropped'] },
    registers,
  }),
  telemetryExporterUp: new Gauge({
    name: 'telemetry_exporter_up',
    help: '1 while an exporter of metrics delivers what it reads, else 0',
    labelNames: ['exporter'],
    registers,
  }),
});

/** Gauges whose values are read when they are scraped. */
const watchers = (registers: OpenMetricsRegistry[]) => ({
  watchPool: (pool: WatchedPool) =>
    new Gauge({
      name: 'postgres_pool_connections',
      help: 'Connections by state: busy, idle, and callers waiting for a connection',
      labelNames: ['state'],
      registers,
      collect() {
        this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
        this.set({ state: 'idle' }, pool.idleCount);
        this.set({ state: 'waiting' }, pool.waitingCount);
      },
    }),
  watchHashing: (load: () => HashingLoad) =>
    new Gauge({
      name: 'password_hashings',
      help: 'Password hashings by state: running or waiting',
      labelNames: ['state'],
      registers,
      collect() {
        const { running, waiting } = load();
        this.set({ state: 'running' }, running);
        this.set({ state: 'waiting' }, waiting);
      },
    }),
});

/** No tracer, or none yet. */
const noTrace: CurrentTrace = () => undefined;

/** One registry with all metrics; `registry.metrics()` renders them for a scrape, in the OpenMetrics format: the other one has no exemplars. */
export const makeMetrics = ({ service, env, version, commit, ...options }: Options) => {
  const { topics = [], exporters = [], currentTrace = noTrace } = options;
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const registers = [registry];
  registry.setDefaultLabels({ service, env, version });
  collectDefaultMetrics({ register: registry });
  registry.removeSingleMetric('nodejs_version_info'); // its label `version` is Node's and would override the service's
  const buildInfo = new Gauge({
    name: 'build_info',
    help: 'Always 1; labels: commit and Node.js version of the process',
    labelNames: ['commit', 'node'],
    registers,
  });
  buildInfo.set({ commit, node: process.version }, 1);
  watchMemory(registers);
  return {
    registry,
    ...businessMetrics(registers, currentTrace),
    ...technicalMetrics(registers, currentTrace),
    ...eventMetrics(registers, topics),
    ...exporterMetrics(registers, exporters),
    ...watchers(registers),
  };
};

export type Metrics = ReturnType<typeof makeMetrics>;
