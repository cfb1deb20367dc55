// The metrics that Datadog gets, and their names there. An allow-list, because each series is a paid custom metric: only what a dashboard or a
// monitor needs. The exporter in this process and the OpenMetrics check of an agent both follow it, so that a query gives the same result.

/** `buckets`: three counts, `.bucket` (with the tag `upper_bound`), `.sum` and `.count`, as Datadog's OpenMetrics check names them. */
export type DatadogType = 'count' | 'gauge' | 'distribution' | 'buckets';
export type DatadogMetric = { readonly name: string; readonly type: DatadogType };

const COUNTERS = [
  'user_registrations_total',
  'user_profile_changes_total',
  'user_erasures_total',
  'orders_placed_total',
  'orders_decided_total',
  'sign_ins_total',
  'reauthentications_total',
  'session_refreshes_total',
  'sign_outs_total',
  'password_changes_total',
  'client_tokens_total',
  'http_requests_shed_total',
  'http_connections_refused_total',
  'cache_requests_total',
  'outbox_published_total',
  'outbox_interruptions_total',
  'events_consumed_total',
  'unhandled_rejections_total',
  'telemetry_points_total',
  'process_cpu_seconds_total',
];

const GAUGES = [
  'dependency_up',
  'config_secret_valid',
  'feature_flags_valid',
  'purge_overdue_seconds',
  'postgres_pool_connections',
  'password_hashings',
  'outbox_events',
  'outbox_oldest_event_seconds',
  'outbox_leader',
  'consumer_lag_messages',
  'telemetry_exporter_up',
  'nodejs_eventloop_lag_p99_seconds',
  'nodejs_heap_size_used_bytes',
  'process_resident_memory_bytes',
  'process_memory_utilization_ratio',
];

const dotted = (name: string): string => name.replace(/_total$/, '').replaceAll('_', '.');
const all = (names: readonly string[], type: DatadogType): [string, DatadogMetric][] =>
  names.map((name) => [name, { name: dotted(name), type }]);

/** By the name in the exposition: for a histogram the one without `_bucket`, `_sum` and `_count`. */
export const DATADOG_METRICS: ReadonlyMap<string, DatadogMetric> = new Map<string, DatadogMetric>([
  ...all(COUNTERS, 'count'),
  ...all(GAUGES, 'gauge'),
  ['http_request_duration_seconds', { name: 'http.request.duration', type: 'buckets' }],
  ['order_processing_time_seconds', { name: 'order.processing.time', type: 'distribution' }],
]);
