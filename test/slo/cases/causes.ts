import { fires, silent, type Case, type Severity } from '../support/case.ts';
import { gauge, seriesOf } from '../support/series.ts';

type Cause = {
  readonly alert: string;
  readonly severity?: Severity;
  /** The series, and its values while it is healthy and while it is not. */
  readonly series: string;
  readonly healthy: number;
  readonly bad: number;
  /** How long it must be bad, in minutes. */
  readonly afterMinutes: number;
};

const up = (job: string): string => `up{job="${job}",instance="${job}:8081"}`;
const relay = { job: 'relay', instance: 'relay:8081' };
const worker = { job: 'worker', instance: 'worker:8081' };

const GAUGES: readonly Cause[] = [
  { alert: 'ApiAbsent', severity: 'page', series: up('api'), healthy: 1, bad: 0, afterMinutes: 1 },
  { alert: 'RelayAbsent', severity: 'page', series: up('relay'), healthy: 1, bad: 0, afterMinutes: 1 },
  { alert: 'WorkerAbsent', severity: 'page', series: up('worker'), healthy: 1, bad: 0, afterMinutes: 1 },
  { alert: 'NotificationServiceAbsent', series: up('notification-service'), healthy: 1, bad: 0, afterMinutes: 1 },
  { alert: 'OutboxOld', series: seriesOf('outbox_oldest_event_seconds', relay), healthy: 30, bad: 31, afterMinutes: 1 },
  {
    alert: 'EventsParked',
    series: seriesOf('outbox_events', { ...relay, state: 'parked' }),
    healthy: 0,
    bad: 1,
    afterMinutes: 5,
  },
  {
    alert: 'ConsumerLag',
    series: seriesOf('consumer_lag_messages', { ...worker, topic: 'orders', partition: '0' }),
    healthy: 1000,
    bad: 1001,
    afterMinutes: 10,
  },
  {
    alert: 'PoolWaiting',
    series: seriesOf('postgres_pool_connections', { state: 'waiting' }),
    healthy: 0,
    bad: 1,
    afterMinutes: 5,
  },
  {
    alert: 'DependencyDown',
    series: seriesOf('dependency_up', { dependency: 'redis' }),
    healthy: 1,
    bad: 0,
    afterMinutes: 5,
  },
  {
    alert: 'SecretInvalid',
    series: seriesOf('config_secret_valid', { setting: 'POSTGRES_PASSWORD' }),
    healthy: 1,
    bad: 0,
    afterMinutes: 5,
  },
  {
    alert: 'CredentialsExpire',
    severity: 'page',
    series: seriesOf('config_secret_expiry_timestamp_seconds', { setting: 'POSTGRES_CREDENTIALS' }),
    healthy: 1_000_000,
    bad: 7200,
    afterMinutes: 5,
  },
  {
    alert: 'FeatureFlagsInvalid',
    series: seriesOf('feature_flags_valid', { setting: 'FEATURE_FLAGS_FILE' }),
    healthy: 1,
    bad: 0,
    afterMinutes: 5,
  },
  {
    alert: 'PurgeBehind',
    series: seriesOf('purge_overdue_seconds', { table: 'sessions' }),
    healthy: 3600,
    bad: 3601,
    afterMinutes: 10,
  },
  {
    alert: 'EventLoopLag',
    series: seriesOf('nodejs_eventloop_lag_p99_seconds', {}),
    healthy: 0.1,
    bad: 0.11,
    afterMinutes: 5,
  },
  {
    alert: 'HighMemoryUsage',
    series: seriesOf('process_memory_utilization_ratio', { bound: 'heap' }),
    healthy: 0.8,
    bad: 0.81,
    afterMinutes: 10,
  },
  {
    alert: 'TelemetryExporterDown',
    series: seriesOf('telemetry_exporter_up', { exporter: 'datadog' }),
    healthy: 1,
    bad: 0,
    afterMinutes: 5,
  },
];

const minutes = (value: number): string => `${value}m`;
const START = 60;

/** Healthy for an hour, bad a little shorter than it needs, healthy for an hour, then bad for half an hour. */
const gaugeCases = ({ alert, severity = 'ticket', series, healthy, bad, afterMinutes }: Cause): Case[] => {
  const blip = afterMinutes - 0.5;
  const second = 2 * START + blip;
  return [
    {
      name: `${alert} fires after ${afterMinutes} min, not before, and resolves`,
      rules: ['causes'],
      series: { [series]: gauge([START, healthy], [blip, bad], [START, healthy], [30, bad], [START, healthy]) },
      expect: [
        silent('59m', alert, severity),
        ...[0.5, 1, 1.5].map((more) => silent(`${(START + blip + more) * 60}s`, alert, severity)),
        silent(`${second * 60}s`, alert, severity),
        fires(`${(second + afterMinutes + 1) * 60}s`, alert, severity),
        fires(`${(second + 29) * 60}s`, alert, severity),
        silent(`${(second + 36) * 60}s`, alert, severity),
      ],
    },
  ];
};

const COUNTERS: readonly (readonly [alert: string, series: string])[] = [
  ['DeadLetters', seriesOf('events_consumed_total', { ...worker, topic: 'orders', result: 'dead-lettered' })],
  ['UnhandledRejections', seriesOf('unhandled_rejections_total', {})],
  ['TelemetryLost', seriesOf('telemetry_points_total', { exporter: 'datadog', result: 'dropped' })],
];

const counterCases = ([alert, series]: (typeof COUNTERS)[number]): Case[] => [
  {
    name: `${alert} fires with the first one and resolves a quarter of an hour after it`,
    rules: ['causes'],
    series: { [series]: '0x359 1x360' },
    expect: [silent('59m', alert, 'ticket'), fires('61m', alert, 'ticket'), silent(minutes(76), alert, 'ticket')],
  },
  {
    name: `${alert} fires for what came after a restart`,
    rules: ['causes'],
    series: { [series]: '7x359 1x360' },
    expect: [silent('59m', alert, 'ticket'), fires('61m', alert, 'ticket')],
  },
  {
    name: `${alert} ignores a restart, which sets the counter back`,
    rules: ['causes'],
    series: { [series]: '7x359 0x360' },
    expect: [silent('61m', alert, 'ticket'), silent('70m', alert, 'ticket')],
  },
];

/** Seconds of CPU per scrape of ten seconds: an hour of 7.9, then 8.1, then 7.9 again. */
const CPU: Case = {
  name: 'HighCpuUsage fires after 5 min above 80 % of a core, not before, and resolves',
  rules: ['causes'],
  series: { [seriesOf('process_cpu_seconds_total', {})]: '0+7.9x359 2844.3+8.3x119 3832+7.9x180' },
  expect: [
    ...['59m', '64m'].map((at) => silent(at, 'HighCpuUsage', 'ticket')),
    ...['68m', '79m'].map((at) => fires(at, 'HighCpuUsage', 'ticket')),
    silent('85m', 'HighCpuUsage', 'ticket'),
  ],
};
const CPU_PEAK: Case = {
  name: 'HighCpuUsage ignores a peak of four minutes, a restart, and two processes of half a core',
  rules: ['causes'],
  series: {
    [seriesOf('process_cpu_seconds_total', {})]: '0+5x180 905+10x23 1137+5x180 0+5x60',
    [seriesOf('process_cpu_seconds_total', { instance: 'api-2:8081' })]: '0+5x440',
  },
  expect: ['31m', '34m', '36m', '64m', '70m'].map((at) => silent(at, 'HighCpuUsage', 'ticket')),
};

const OF_THE_SAME_METRIC: Case = {
  name: 'other states, results and services open no ticket',
  rules: ['causes'],
  series: {
    [seriesOf('outbox_events', { ...relay, state: 'pending' })]: gauge([60, 500]),
    [seriesOf('postgres_pool_connections', { state: 'busy' })]: gauge([60, 10]),
    [seriesOf('events_consumed_total', { ...worker, topic: 'orders', result: 'handled' })]: '0+10x360',
    [seriesOf('telemetry_points_total', { exporter: 'datadog', result: 'sent' })]: '0+10x360',
    [seriesOf('unhandled_rejections_total', { service: 'billing' })]: '0+10x360',
    [seriesOf('outbox_oldest_event_seconds', { service: 'billing' })]: gauge([60, 500]),
    [seriesOf('process_cpu_seconds_total', { service: 'billing' })]: '0+20x360',
    [seriesOf('dependency_up', { service: 'billing', dependency: 'redis' })]: gauge([60, 0]),
  },
  expect: [
    ...['EventsParked', 'PoolWaiting', 'DeadLetters', 'TelemetryLost', 'UnhandledRejections', 'OutboxOld'],
    ...['DependencyDown', 'TelemetryExporterDown', 'SecretInvalid', 'HighCpuUsage'],
  ].map((alert) => silent('59m', alert, 'ticket')),
};

const absence = (alert: string, process: string): Case[] => [
  {
    name: `${alert} pages within 2 minutes when the process is gone`,
    rules: ['causes'],
    series: { [up(process)]: '1x360 0x60' },
    expect: [silent('60m', alert), fires('62m', alert), fires('70m', alert)],
  },
  {
    name: `${alert} pages within 2 minutes when its target disappears`,
    rules: ['causes'],
    series: { [up(process)]: '1x360 stale' },
    expect: [silent('60m', alert), fires('62m', alert), fires('70m', alert)],
  },
  {
    name: `${alert} pages when the process restarts again and again`,
    rules: ['causes'],
    // up for one scrape in five
    series: { [up(process)]: Array.from({ length: 60 }, () => '1 0 0 0 0').join(' ') },
    expect: [fires('12m', alert), fires('40m', alert)],
  },
  {
    name: `${alert} pages where it was never seen`,
    rules: ['causes'],
    series: { [up('prometheus')]: '1x60' },
    expect: [fires('3m', alert)],
  },
  {
    name: `${alert} does not page during a roll-out`,
    rules: ['causes'],
    series: {
      [`up{job="${process}",instance="1"}`]: '1x60 stale',
      [`up{job="${process}",instance="2"}`]: '_x57 1x120',
    },
    expect: ['10m', '11m', '12m', '15m', '20m'].map((at) => silent(at, alert)),
  },
];

export const CAUSES: readonly Case[] = [
  ...GAUGES.flatMap(gaugeCases),
  ...COUNTERS.flatMap(counterCases),
  CPU,
  CPU_PEAK,
  OF_THE_SAME_METRIC,
  ...[['ApiAbsent', 'api'] as const, ['RelayAbsent', 'relay'] as const, ['WorkerAbsent', 'worker'] as const].flatMap(
    ([alert, process]) => absence(alert, process),
  ),
];
