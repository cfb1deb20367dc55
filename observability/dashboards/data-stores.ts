// PostgreSQL's pool, the cache, and what else the processes depend on.

import { SCOPE, type DashboardSource, type Row } from './panels.ts';

const NO_PROCESS = 'no process is scraped';
const LOOK_UPS = `cache_requests_total{${SCOPE}}`;

const dependencies: Row = {
  title: 'Dependencies',
  panels: [
    {
      title: 'Dependencies that are down',
      description: 'By the readiness checks of the processes. The API works without Redis, only slower.',
      runbooks: ['dependency-down'],
      unit: 'short',
      isStat: true,
      threshold: 1,
      queries: [{ expr: `count(dependency_up{${SCOPE}} == 0) or vector(0)`, legend: 'down' }],
      noData: NO_PROCESS,
    },
    {
      title: 'Dependencies by process',
      description: '1 is up, 0 is down.',
      unit: 'short',
      width: 18,
      queries: [{ expr: `min by (job, dependency) (dependency_up{${SCOPE}})`, legend: '{{job}} {{dependency}}' }],
      noData: NO_PROCESS,
    },
  ],
};

const postgres: Row = {
  title: 'PostgreSQL',
  panels: [
    {
      title: 'Pool connections by state',
      description: 'Busy and idle connections of each process.',
      unit: 'short',
      queries: [
        { expr: `postgres_pool_connections{${SCOPE},state=~"busy|idle"}`, legend: '{{job}} {{instance}} {{state}}' },
      ],
      noData: NO_PROCESS,
    },
    {
      title: 'Callers that wait for a connection',
      description: 'More than 0 for minutes means that the pool is too small, or that statements are slow.',
      runbooks: ['pool-waiting'],
      unit: 'short',
      threshold: 1,
      queries: [{ expr: `postgres_pool_connections{${SCOPE},state="waiting"}`, legend: '{{job}} {{instance}}' }],
      noData: NO_PROCESS,
    },
    {
      title: 'Expired rows that are still stored',
      description: 'For how long the oldest has been expired, by table. An alert fires after an hour.',
      runbooks: ['purge-behind'],
      unit: 's',
      threshold: 3600,
      queries: [{ expr: `max by (table) (purge_overdue_seconds{${SCOPE}})`, legend: '{{table}}' }],
      noData: 'no API or worker process is scraped',
    },
  ],
};

const redis: Row = {
  title: 'Redis',
  panels: [
    {
      title: 'Cache hit ratio',
      description: 'Share of look-ups that find the user.',
      unit: 'percentunit',
      queries: [
        {
          expr: `sum(rate(cache_requests_total{${SCOPE},result="hit"}[$__rate_interval])) / sum(rate(${LOOK_UPS}[$__rate_interval]))`,
          legend: 'hits',
        },
      ],
      noData: 'no cache look-up in this time range',
    },
    {
      title: 'Cache look-ups by result',
      description: 'Errors mean that Redis is down or slow: users are then read from the database.',
      unit: 'cps',
      queries: [{ expr: `sum by (result) (rate(${LOOK_UPS}[$__rate_interval]))`, legend: '{{result}}' }],
      noData: 'no API process is scraped',
    },
  ],
};

export const dataStores: DashboardSource = {
  uid: 'user-service-stores',
  title: 'user-service: data stores',
  description: 'Are PostgreSQL, Redis and the other dependencies up, and is there enough of them?',
  rows: [dependencies, postgres, redis],
};
