// What users do: registrations, sign-ins and orders.

import { SCOPE, type DashboardSource, type Panel, type Row } from './panels.ts';

const NO_API = 'no API process is scraped';

const total = (title: string, description: string, metric: string): Panel => ({
  title,
  description,
  unit: 'short',
  isStat: true,
  queries: [{ expr: `sum(increase(${metric}{${SCOPE}}[$__range]))`, legend: title }],
  noData: NO_API,
});

const perMinute = (metric: string, label?: string): string => {
  const by = label === undefined ? '' : ` by (${label})`;
  return `sum${by} (rate(${metric}{${SCOPE}}[$__rate_interval])) * 60`;
};

const processing = (q: number): string =>
  `histogram_quantile(${q}, sum by (le) (rate(order_processing_time_seconds_bucket{${SCOPE}}[$__rate_interval])))`;

const totals: Row = {
  title: 'In the time range',
  panels: [
    total('Registrations', 'New users.', 'user_registrations_total'),
    total('Orders', 'Orders placed.', 'orders_placed_total'),
    {
      ...total('Orders confirmed', 'Share of decided orders that are confirmed.', 'orders_decided_total'),
      unit: 'percentunit',
      queries: [
        {
          expr: `sum(increase(orders_decided_total{${SCOPE},status="confirmed"}[$__range])) / sum(increase(orders_decided_total{${SCOPE}}[$__range]))`,
          legend: 'confirmed',
        },
      ],
      noData: 'no order was decided in this time range',
    },
    total('Erasures', 'Users who had their data erased.', 'user_erasures_total'),
  ],
};

const users: Row = {
  title: 'Users',
  panels: [
    {
      title: 'Registrations, profile changes, erasures',
      description: 'Per minute.',
      unit: 'cpm',
      queries: [
        { expr: perMinute('user_registrations_total'), legend: 'registrations' },
        { expr: perMinute('user_profile_changes_total'), legend: 'profile changes' },
        { expr: perMinute('user_erasures_total'), legend: 'erasures' },
      ],
      noData: NO_API,
    },
    {
      title: 'Sign-ins by result',
      description: 'Per minute. Many refused ones mean that somebody is trying passwords.',
      runbooks: ['sign-in-burn'],
      unit: 'cpm',
      queries: [
        { expr: perMinute('sign_ins_total', 'result'), legend: '{{result}}' },
        { expr: perMinute('reauthentications_total', 'result'), legend: 'password entered again: {{result}}' },
      ],
      noData: NO_API,
    },
    {
      title: 'Sessions',
      description: 'Per minute. A refresh token that is used twice may be stolen; its session is ended.',
      unit: 'cpm',
      queries: [
        { expr: perMinute('session_refreshes_total', 'result'), legend: 'refresh: {{result}}' },
        { expr: perMinute('sign_outs_total'), legend: 'sign-outs' },
        { expr: perMinute('password_changes_total'), legend: 'password changes' },
      ],
      noData: NO_API,
    },
    {
      title: 'Tokens for other services',
      description: 'Per minute.',
      unit: 'cpm',
      queries: [{ expr: perMinute('client_tokens_total'), legend: 'tokens' }],
      noData: NO_API,
    },
  ],
};

const orders: Row = {
  title: 'Orders',
  panels: [
    {
      title: 'Orders placed and decided',
      description: 'Per minute. What is placed should be decided within seconds.',
      unit: 'cpm',
      queries: [
        { expr: perMinute('orders_placed_total'), legend: 'placed' },
        { expr: perMinute('orders_decided_total', 'status'), legend: '{{status}}' },
      ],
      noData: 'no API or worker process is scraped',
    },
    {
      title: 'From placed to decided',
      description: 'The objective: 99 % within 5 s. Each dot is one order: it links to its trace.',
      runbooks: ['order-processing-burn'],
      unit: 's',
      threshold: 5,
      queries: [
        { expr: processing(0.5), legend: 'p50' },
        { expr: processing(0.95), legend: 'p95' },
        { expr: processing(0.99), legend: 'p99', exemplars: true },
      ],
      noData: 'no order was decided in this time range',
    },
  ],
};

export const business: DashboardSource = {
  uid: 'user-service-business',
  title: 'user-service: business',
  description: 'What users do, and whether their orders are decided in time.',
  rows: [totals, users, orders],
};
