// The objectives of docs/slo.md: what is left of each error budget, and how fast it is used. Reads recorded series only, so that a month is cheap.
// https://sre.google/workbook/alerting-on-slos/

import type { DashboardSource, Panel, Row } from './panels.ts';

const NO_RULES = 'Prometheus has no recorded series yet: it needs the rules, and a few minutes';
const BY_OBJECTIVE = '{{sloth_slo}}';

const errorRatio = (window: string, description: string): Panel => ({
  title: `Failures, ${window}`,
  description,
  unit: 'percentunit',
  queries: [{ expr: `max by (sloth_slo) (slo:sli_error:ratio_rate${window})`, legend: BY_OBJECTIVE }],
  noData: NO_RULES,
});

const budgets: Row = {
  title: 'Error budgets',
  panels: [
    {
      title: 'Left of the error budget of 30 days',
      description: 'Below 0 the objective is missed: docs/slo.md says what happens then. Prometheus keeps 30 days.',
      unit: 'percentunit',
      isStat: true,
      isFloor: true,
      threshold: 0,
      width: 24,
      queries: [{ expr: 'min by (sloth_slo) (slo:period_error_budget_remaining:ratio)', legend: BY_OBJECTIVE }],
      noData: NO_RULES,
    },
    {
      title: 'Objectives',
      description: 'The share of good events that is promised.',
      unit: 'percentunit',
      isStat: true,
      width: 18,
      queries: [{ expr: 'max by (sloth_slo) (slo:objective:ratio)', legend: BY_OBJECTIVE }],
      noData: NO_RULES,
    },
    {
      title: 'Alerts that fire',
      description: 'Of all severities; Alertmanager lists them with their runbooks.',
      unit: 'short',
      isStat: true,
      threshold: 1,
      queries: [{ expr: 'count(ALERTS{alertstate="firing"}) or vector(0)', legend: 'alerts' }],
      noData: NO_RULES,
    },
  ],
};

const burnRates: Row = {
  title: 'Burn rates',
  panels: [
    {
      title: 'Burn rate',
      description: 'At 1 the budget lasts exactly 30 days. A page is sent at 14.4 over an hour, or 6 over six hours.',
      unit: 'short',
      threshold: 14.4,
      queries: [{ expr: 'max by (sloth_slo) (slo:current_burn_rate:ratio)', legend: BY_OBJECTIVE }],
      noData: NO_RULES,
    },
    errorRatio('5m', 'The short window of the fastest alert: an incident that is over leaves it first.'),
    errorRatio('1h', 'The long window of the fastest alert.'),
    errorRatio('6h', 'The long window of the slower page.'),
    errorRatio('3d', 'The long window of the slowest ticket.'),
  ],
};

export const slo: DashboardSource = {
  uid: 'user-service-slo',
  title: 'user-service: objectives',
  description: 'Are the promises kept, and how much of the error budgets is left?',
  rows: [budgets, burnRates],
};
