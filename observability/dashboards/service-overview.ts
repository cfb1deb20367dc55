// Rate, errors and duration of requests, then utilization, saturation and errors of the processes.
// https://sre.google/sre-book/monitoring-distributed-systems/, https://www.brendangregg.com/usemethod.html

import { SCOPE, type DashboardSource, type Row } from './panels.ts';

const REQUESTS = `http_request_duration_seconds_count{${SCOPE}}`;
const BUCKETS = `http_request_duration_seconds_bucket{${SCOPE}}`;
const NO_REQUESTS = 'no request in this time range';

/** Rounded up to the bucket's limit, so the thresholds of the objectives are limits of buckets. */
const quantile = (q: number, buckets: string, by = 'le'): string =>
  `histogram_quantile(${q}, sum by (${by}) (rate(${buckets}[$__rate_interval])))`;

const bucketsOf = (cache: 'hit' | 'miss'): string => `http_request_duration_seconds_bucket{${SCOPE},cache="${cache}"}`;

const numbers: Row = {
  title: 'Now',
  panels: [
    {
      title: 'Requests per second',
      description: 'All requests of the API.',
      unit: 'reqps',
      isStat: true,
      queries: [{ expr: `sum(rate(${REQUESTS}[$__rate_interval]))`, legend: 'requests' }],
      noData: NO_REQUESTS,
    },
    {
      title: 'Failed requests',
      description:
        'Share of responses with 5xx. The objective is less than 0.1 %. 4xx, 429 included, are not failures.',
      runbooks: ['availability-burn'],
      unit: 'percentunit',
      isStat: true,
      threshold: 0.001,
      queries: [
        {
          expr: `(sum(rate(http_request_duration_seconds_count{${SCOPE},status=~"5.."}[$__rate_interval])) or vector(0)) / sum(rate(${REQUESTS}[$__rate_interval]))`,
          legend: '5xx',
        },
      ],
      noData: NO_REQUESTS,
    },
    {
      title: 'Cached read, 99th percentile',
      description: 'A user read from the cache. The objective is 8 ms.',
      unit: 's',
      isStat: true,
      threshold: 0.008,
      queries: [{ expr: quantile(0.99, bucketsOf('hit')), legend: 'hit' }],
      noData: 'no cached read in this time range',
    },
    {
      title: 'Processes up',
      description: 'Processes that Prometheus can scrape.',
      runbooks: ['api-absent', 'relay-absent', 'worker-absent', 'notification-service-absent'],
      unit: 'short',
      isStat: true,
      threshold: 1,
      isFloor: true,
      queries: [{ expr: 'sum(up{instance=~"$pod"})', legend: 'up' }],
      noData: 'Prometheus scrapes nothing',
    },
  ],
};

const requests: Row = {
  title: 'Requests: rate, errors, duration',
  panels: [
    {
      title: 'Requests by route',
      description: 'Rate by route pattern.',
      unit: 'reqps',
      queries: [
        { expr: `sum by (method, route) (rate(${REQUESTS}[$__rate_interval]))`, legend: '{{method}} {{route}}' },
      ],
      noData: NO_REQUESTS,
    },
    {
      title: 'Errors by route and status',
      description: 'Responses with 4xx and 5xx. Only 5xx count against the objective.',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (route, status) (rate(http_request_duration_seconds_count{${SCOPE},status=~"[45].."}[$__rate_interval]))`,
          legend: '{{status}} {{route}}',
        },
      ],
      noData: 'no error in this time range',
    },
    {
      title: 'Duration',
      description: 'Each dot is one request: it links to its trace.',
      unit: 's',
      queries: [
        { expr: quantile(0.5, BUCKETS), legend: 'p50' },
        { expr: quantile(0.95, BUCKETS), legend: 'p95' },
        { expr: quantile(0.99, BUCKETS), legend: 'p99', exemplars: true },
      ],
      noData: NO_REQUESTS,
    },
    {
      title: 'Slowest routes, 99th percentile',
      description: 'The ten slowest. Sign-in and registration hash a password and take longer.',
      unit: 's',
      queries: [
        {
          expr: `topk(10, ${quantile(0.99, BUCKETS, 'le, method, route')})`,
          legend: '{{method}} {{route}}',
          exemplars: true,
        },
      ],
      noData: NO_REQUESTS,
    },
    {
      title: 'User read from the cache',
      description: 'The objective: 99 % within 8 ms.',
      runbooks: ['cached-read-burn'],
      unit: 's',
      threshold: 0.008,
      queries: [
        { expr: quantile(0.5, bucketsOf('hit')), legend: 'p50' },
        { expr: quantile(0.99, bucketsOf('hit')), legend: 'p99', exemplars: true },
      ],
      noData: 'no cached read in this time range',
    },
    {
      title: 'User read from the database',
      description: 'The objective: 99 % within 20 ms.',
      runbooks: ['uncached-read-burn'],
      unit: 's',
      threshold: 0.02,
      queries: [
        { expr: quantile(0.5, bucketsOf('miss')), legend: 'p50' },
        { expr: quantile(0.99, bucketsOf('miss')), legend: 'p99', exemplars: true },
      ],
      noData: 'no uncached read in this time range',
    },
  ],
};

const processes: Row = {
  title: 'Processes: utilization, saturation, errors',
  panels: [
    {
      title: 'CPU',
      description:
        'Cores in use by process. Node uses one for JavaScript, and others for password hashing and garbage collection.',
      runbooks: ['high-cpu-usage'],
      unit: 'short',
      queries: [
        { expr: `rate(process_cpu_seconds_total{${SCOPE}}[$__rate_interval])`, legend: '{{job}} {{instance}}' },
      ],
      noData: 'no process is scraped',
    },
    {
      title: 'Memory',
      description: 'Resident memory, and the part of it that is the JavaScript heap.',
      runbooks: ['high-memory-usage'],
      unit: 'bytes',
      queries: [
        { expr: `process_resident_memory_bytes{${SCOPE}}`, legend: '{{job}} {{instance}} resident' },
        { expr: `nodejs_heap_size_used_bytes{${SCOPE}}`, legend: '{{job}} {{instance}} heap' },
      ],
      noData: 'no process is scraped',
    },
    {
      title: 'Event loop lag, 99th percentile',
      description: 'How long a callback waits for its turn. The API sheds requests with 503 when it is overloaded.',
      runbooks: ['event-loop-lag'],
      unit: 's',
      queries: [{ expr: `nodejs_eventloop_lag_p99_seconds{${SCOPE}}`, legend: '{{job}} {{instance}}' }],
      noData: 'no process is scraped',
    },
    {
      title: 'Garbage collection',
      description: 'Share of the time that is spent on it, by kind.',
      unit: 'percentunit',
      queries: [
        {
          expr: `sum by (job, instance, kind) (rate(nodejs_gc_duration_seconds_sum{${SCOPE}}[$__rate_interval]))`,
          legend: '{{job}} {{instance}} {{kind}}',
        },
      ],
      noData: 'no process is scraped',
    },
    {
      title: 'Password hashings',
      description: 'Running and waiting. Waiting ones mean that sign-ins queue for a core.',
      unit: 'short',
      queries: [{ expr: `password_hashings{${SCOPE}}`, legend: '{{instance}} {{state}}' }],
      noData: 'no API process is scraped',
    },
    {
      title: 'Rejected before they are handled',
      description:
        'Requests shed because of an overloaded event loop, and connections refused because there are too many.',
      unit: 'reqps',
      queries: [
        { expr: `sum(rate(http_requests_shed_total{${SCOPE}}[$__rate_interval]))`, legend: 'requests shed' },
        {
          expr: `sum(rate(http_connections_refused_total{${SCOPE}}[$__rate_interval]))`,
          legend: 'connections refused',
        },
      ],
      noData: 'no API process is scraped',
    },
    {
      title: 'Defects and bad secret files',
      description:
        'Unhandled rejections in the time range, settings whose secret file has invalid content, and those whose content expires within an hour. All should be 0.',
      runbooks: ['unhandled-rejections', 'secret-invalid', 'credentials-expire'],
      unit: 'short',
      threshold: 1,
      queries: [
        { expr: `sum(increase(unhandled_rejections_total{${SCOPE}}[$__range]))`, legend: 'unhandled rejections' },
        { expr: `count(config_secret_valid{${SCOPE}} == 0) or vector(0)`, legend: 'invalid secret files' },
        {
          expr: `count(config_secret_expiry_timestamp_seconds{${SCOPE}} - time() < 3600) or vector(0)`,
          legend: 'secrets that expire',
        },
      ],
      noData: 'no process is scraped',
    },
    {
      title: 'Versions',
      description: 'Processes by version and commit: two during a roll-out, otherwise one.',
      unit: 'short',
      queries: [{ expr: `count by (version, commit) (build_info{${SCOPE}})`, legend: '{{version}} {{commit}}' }],
      noData: 'no process is scraped',
    },
  ],
};

export const serviceOverview: DashboardSource = {
  uid: 'user-service-overview',
  title: 'user-service: overview',
  description: 'Do requests succeed, how long do they take, and do the processes have what they need?',
  rows: [numbers, requests, processes],
};
