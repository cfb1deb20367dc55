// The dashboard for Datadog, in the format of its API and of Terraform's datadog_dashboard_json. https://docs.datadoghq.com/api/latest/dashboards/
// The names come from the allow-list of metrics, so that it can not ask for one that Datadog never gets.

import { DATADOG_METRICS, type DatadogType } from '../../src/observability/metrics/datadog-names.ts';

type Query = { readonly legend: string; readonly queries: readonly string[]; readonly formula?: string };
type Widget = {
  readonly title: string;
  readonly queries: readonly Query[];
  /** Drawn as a line. */
  readonly threshold?: number;
};
type Group = { readonly title: string; readonly widgets: readonly Widget[] };

const SCOPE = '$service,$env,$pod';

/** @throws Error for a metric that Datadog does not get with this type */
const nameOf = (metric: string, type: DatadogType): string => {
  const found = DATADOG_METRICS.get(metric);
  if (found?.type !== type) throw new Error(`${metric} is no ${type} in Datadog.`);
  return found.name;
};

const scopeOf = (tags: string): string => `{${[SCOPE, tags].filter(Boolean).join(',')}}`;
const groupOf = (by: string): string => (by === '' ? '' : ` by {${by}}`);

const rate = (metric: string, { tags = '', by = '' } = {}): string =>
  `sum:${nameOf(metric, 'count')}${scopeOf(tags)}${groupOf(by)}.as_rate()`;
const gauge = (metric: string, { tags = '', by = '', take = 'max' } = {}): string =>
  `${take}:${nameOf(metric, 'gauge')}${scopeOf(tags)}${groupOf(by)}`;
const percentile = (p: number, metric: string): string => `p${p}:${nameOf(metric, 'distribution')}${scopeOf('')}`;

type RequestScope = { readonly part: 'bucket' | 'sum' | 'count'; readonly tags?: string; readonly by?: string };
const requests = ({ part, tags = '', by = '' }: RequestScope): string =>
  `sum:${nameOf('http_request_duration_seconds', 'buckets')}.${part}${scopeOf(tags)}${groupOf(by)}.as_count()`;

const one = (legend: string, query: string): Query => ({ legend, queries: [query] });
/** The share of cached or uncached reads within a threshold, which is the limit of a bucket. */
const within = (cache: 'hit' | 'miss', seconds: number): Query => ({
  legend: `within ${seconds * 1000} ms`,
  queries: [
    requests({ part: 'bucket', tags: `cache:${cache},upper_bound:${seconds}` }),
    requests({ part: 'count', tags: `cache:${cache}` }),
  ],
  formula: '100 * a / b',
});

const GROUPS: readonly Group[] = [
  {
    title: 'Requests: rate, errors, duration',
    widgets: [
      { title: 'Requests by route', queries: [one('requests', requests({ part: 'count', by: 'method,route' }))] },
      {
        title: 'Failed requests, %',
        threshold: 0.1,
        queries: [
          {
            legend: '5xx',
            queries: [requests({ part: 'count', tags: 'status:5*' }), requests({ part: 'count' })],
            formula: '100 * default_zero(a) / b',
          },
        ],
      },
      {
        title: 'Mean duration by route, seconds',
        queries: [
          {
            legend: 'mean',
            queries: [requests({ part: 'sum', by: 'route' }), requests({ part: 'count', by: 'route' })],
            formula: 'a / b',
          },
        ],
      },
      { title: 'Cached reads within 8 ms, %: objective 99', threshold: 99, queries: [within('hit', 0.008)] },
      { title: 'Uncached reads within 20 ms, %: objective 99', threshold: 99, queries: [within('miss', 0.02)] },
      {
        title: 'Requests shed, connections refused, per second',
        queries: [
          one('shed', rate('http_requests_shed_total')),
          one('refused', rate('http_connections_refused_total')),
        ],
      },
    ],
  },
  {
    title: 'Business',
    widgets: [
      {
        title: 'Registrations, profile changes, erasures, per second',
        queries: [
          one('registrations', rate('user_registrations_total')),
          one('profile changes', rate('user_profile_changes_total')),
          one('erasures', rate('user_erasures_total')),
        ],
      },
      { title: 'Sign-ins by result, per second', queries: [one('sign-ins', rate('sign_ins_total', { by: 'result' }))] },
      {
        title: 'Orders placed and decided, per second',
        queries: [
          one('placed', rate('orders_placed_total')),
          one('decided', rate('orders_decided_total', { by: 'status' })),
        ],
      },
      {
        title: 'From placed to decided, seconds: objective 5',
        threshold: 5,
        queries: [50, 95, 99].map((p) => one(`p${p}`, percentile(p, 'order_processing_time_seconds'))),
      },
    ],
  },
  {
    title: 'Events and outbox',
    widgets: [
      {
        title: 'Oldest pending event, seconds: objective 5',
        threshold: 5,
        queries: [one('age', gauge('outbox_oldest_event_seconds'))],
      },
      { title: 'Events in the outbox', queries: [one('events', gauge('outbox_events', { by: 'state' }))] },
      {
        title: 'Published by topic, per second',
        queries: [one('published', rate('outbox_published_total', { by: 'topic' }))],
      },
      {
        title: 'Consumed by result, per second',
        queries: [one('consumed', rate('events_consumed_total', { by: 'result' }))],
      },
      {
        title: 'Dead letters, per second',
        threshold: 1,
        queries: [one('dead letters', rate('events_consumed_total', { tags: 'result:dead-lettered', by: 'topic' }))],
      },
      {
        title: 'Consumer lag by partition',
        queries: [one('messages', gauge('consumer_lag_messages', { by: 'topic,partition' }))],
      },
    ],
  },
  {
    title: 'Data stores and processes',
    widgets: [
      { title: 'Dependencies up', queries: [one('up', gauge('dependency_up', { by: 'dependency', take: 'min' }))] },
      {
        title: 'Cache look-ups by result, per second',
        queries: [one('look-ups', rate('cache_requests_total', { by: 'result' }))],
      },
      {
        title: 'Pool connections',
        queries: [one('connections', gauge('postgres_pool_connections', { by: 'state', take: 'sum' }))],
      },
      {
        title: 'Event loop lag p99, seconds',
        queries: [one('lag', gauge('nodejs_eventloop_lag_p99_seconds', { by: 'pod_name' }))],
      },
      {
        title: 'Memory, bytes',
        queries: [
          one('resident', gauge('process_resident_memory_bytes', { by: 'pod_name' })),
          one('heap', gauge('nodejs_heap_size_used_bytes', { by: 'pod_name' })),
        ],
      },
      { title: 'CPU, cores', queries: [one('cores', rate('process_cpu_seconds_total', { by: 'pod_name' }))] },
      {
        title: 'Defects and bad secret files',
        threshold: 1,
        queries: [
          one('unhandled rejections', rate('unhandled_rejections_total')),
          one('valid secret files', gauge('config_secret_valid', { by: 'setting', take: 'min' })),
        ],
      },
      {
        title: 'Telemetry: points sent and dropped, per second',
        queries: [one('points', rate('telemetry_points_total', { by: 'exporter,result' }))],
      },
    ],
  },
];

const LETTERS = 'abcdefghij';

const requestOf = ({ legend, queries, formula = 'a' }: Query, index: number) => {
  // a name is unique within a widget
  const nameAt = (letter: string): string => `${letter}${index}`;
  return {
    response_format: 'timeseries',
    display_type: 'line',
    queries: queries.map((query, at) => ({ data_source: 'metrics', name: nameAt(LETTERS.charAt(at)), query })),
    formulas: [{ alias: legend, formula: formula.replaceAll(/\b[ab]\b/g, nameAt) }],
  };
};

const widgetOf = ({ title, queries, threshold }: Widget) => ({
  definition: {
    type: 'timeseries',
    title,
    show_legend: true,
    legend_layout: 'auto',
    requests: queries.map(requestOf),
    ...(threshold !== undefined && {
      markers: [{ value: `y = ${threshold}`, display_type: 'error dashed', label: 'threshold' }],
    }),
    custom_links: [
      { label: 'Traces', link: '/apm/traces?query={{$service}} {{$env}}' },
      { label: 'Logs', link: '/logs?query={{$service}} {{$env}}' },
    ],
  },
});

const variable = (name: string, prefix: string) => ({ name, prefix, available_values: [], defaults: ['*'] });

export const datadogDashboard = () => ({
  title: 'user-service',
  description:
    'Generated from observability/dashboards/datadog.ts. The names are those of docs/datadog.md, for the embedded exporter and for an agent.',
  layout_type: 'ordered',
  reflow_type: 'auto',
  template_variables: [variable('service', 'service'), variable('env', 'env'), variable('pod', 'pod_name')],
  widgets: GROUPS.map(({ title, widgets }) => ({
    definition: { type: 'group', layout_type: 'ordered', title, widgets: widgets.map(widgetOf) },
  })),
});
