// Rules and monitors ask only for what the processes emit, and each alert says whom it wakes, why, and where to read on.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { loadContract } from '../../scripts/telemetry/contract.ts';
import { budgetOf, readCauses } from '../../scripts/slo/definitions.ts';
import { inverted } from '../../scripts/slo/selectors.ts';
import { DATADOG_METRICS } from '../../src/observability/metrics/datadog-names.ts';
import { makeMetrics } from '../../src/observability/metrics/metrics.ts';
import {
  alertFaults,
  datadogFaults,
  expressionFaults,
  missingFiles,
  runbookNames,
  type Emitted,
  type Rule,
} from './slo-rules.ts';

/* eslint-disable sonarjs/super-linear-regex -- they read our own files */

const root = join(import.meta.dirname, '../..');
const read = (path: string): unknown => parse(readFileSync(join(root, path), 'utf8'));

const rules = readdirSync(join(root, 'observability/prometheus/rules')).flatMap((file) =>
  (read(`observability/prometheus/rules/${file}`) as { groups: { rules: Rule[] }[] }).groups.flatMap(
    (group) => group.rules,
  ),
);
const chartRules = (read('helm/user-service/files/rules.yaml') as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const alerts = rules.filter(({ alert }) => alert !== undefined);
const datadog = JSON.stringify([read('observability/datadog/slos.json'), read('observability/datadog/monitors.json')]);

const contract = loadContract();
const emitted: Emitted = {
  // rules and monitors are about this service, not about the example of a consumer
  metrics: new Map(
    contract.metrics
      .filter(({ processes }) => processes.some((process) => process !== 'notification-service'))
      .map((metric) => [metric.name, metric]),
  ),
  identity: contract.identity,
};
const promNames = new Map([...DATADOG_METRICS].map(([name, metric]) => [metric.name, name]));

const ALERT: Rule = {
  alert: 'UserServiceOutboxOld',
  expr: 'up == 0',
  labels: { severity: 'ticket' },
  annotations: {
    summary: 'Old events',
    description: 'They wait.',
    runbook_url: 'https://example.com/runbooks/outbox-old.md',
    dashboard: 'https://example.com/d/events',
    owner: 'users-team',
    escalation: 'SEV4: primary; acknowledge within 1 working day',
  },
};
const annotated = (annotations: Record<string, string>): Rule => ({
  ...ALERT,
  annotations: { ...ALERT.annotations, ...annotations },
});

describe('alerts', () => {
  it('are complete, and only objectives, absent processes and the synthetic journey page', () => {
    expect(alerts.length).toBeGreaterThan(20);
    expect(alerts.flatMap(alertFaults)).toEqual([]);
    const ofChart = chartRules.filter(({ alert }) => alert?.endsWith('SyntheticJourneyFailed'));
    expect(ofChart.map(({ labels, annotations }) => [labels.severity, annotations?.runbook_url])).toEqual([
      ['page', 'RUNBOOKS/synthetic-journey-failed.md'],
    ]);
    expect(alertFaults(ALERT)).toEqual([]);
  });

  it.each([
    [{ ...ALERT, labels: { severity: 'critical' } }, 'UserServiceOutboxOld: severity is "critical"'],
    [{ ...ALERT, labels: { severity: 'page' } }, 'UserServiceOutboxOld: a cause pages'],
    [annotated({ owner: '' }), 'UserServiceOutboxOld: has no owner'],
    [annotated({ escalation: '' }), 'UserServiceOutboxOld: has no escalation'],
    [
      annotated({ runbook_url: 'https://example.com/runbooks/OutboxOld.md' }),
      'UserServiceOutboxOld: names another runbook',
    ],
    [
      annotated({ runbook_url: 'https://example.com/runbooks/relay.md' }),
      'UserServiceOutboxOld: names another runbook',
    ],
  ])('are found faulty', (rule, fault) => {
    expect(alertFaults(rule)).toEqual([fault]);
  });

  it('have one runbook for each name, which exists as soon as there are runbooks', () => {
    expect(runbookNames(alerts)).toHaveLength(new Set(alerts.map(({ alert }) => alert)).size);
    expect(missingFiles(join(root, 'runbooks'), runbookNames(alerts), '.md')).toEqual([]);
    expect(missingFiles(join(root, 'docs'), ['compose', 'no-such-page'], '.md')).toEqual(['no-such-page']);
  });

  it('name dashboards that exist', () => {
    const folder = join(root, 'observability/grafana/dashboards');
    const uids = new Set(alerts.map(({ annotations = {} }) => annotations.dashboard?.split('/').at(-1) ?? ''));
    const files: Readonly<Record<string, string>> = {
      'user-service-overview': 'service-overview',
      'user-service-business': 'business',
      'user-service-events': 'events',
      'user-service-stores': 'data-stores',
      'user-service-slo': 'slo',
    };
    expect(
      missingFiles(
        folder,
        [...uids].map((uid) => new Map(Object.entries(files)).get(uid) ?? uid),
        '.json',
      ),
    ).toEqual([]);
  });
});

describe('expressions', () => {
  it('read what the processes emit', () => {
    expect(rules.flatMap(({ expr }) => expressionFaults(emitted, expr))).toEqual([]);
    expect(chartRules.flatMap(({ expr }) => expressionFaults(emitted, expr))).toEqual([]);
  });

  it.each([
    [
      'rate(http_requests_duration_seconds_count{service="x"}[5m])',
      'there is no metric http_requests_duration_seconds_count',
    ],
    ['outbox_events{status="parked"}', 'outbox_events has no label status'],
    ['kube_cronjob_created{job="x"}', 'kube_cronjob_created has no label job'],
    ['kube_pod_created{namespace="x"}', 'there is no metric kube_pod_created'],
    ['outbox_events{state="stuck"}', 'state of outbox_events is never stuck'],
    [
      'sum by (topic) (consumer_lag_messages{topic="user-service.orders.v1"})',
      'consumer_lag_messages is the same in each process: take the max of it before the sum',
    ],
  ])('are found faulty: %s', (expr, fault) => {
    expect(expressionFaults(emitted, expr)).toEqual([fault]);
  });

  it('read buckets that exist', async () => {
    const exposition = await makeMetrics({ service: 's', env: 'e', version: 'v', commit: 'c' }).registry.metrics();
    const wanted = rules.flatMap(({ expr }) => [...expr.matchAll(/(\w+_bucket)\{[^}]*le=~?"(\d[\d.]*)/g)]);
    expect(wanted.length).toBeGreaterThan(0);
    for (const [, series = '', le = ''] of wanted)
      if (series.startsWith('order')) expect(exposition).toContain(`${series}{le="${le}"`);
      else expect(bucketsOf(series)).toContain(Number(le));
  });
});

/** The histogram of requests has no series before a request. */
const bucketsOf = (series: string): readonly number[] => {
  const { registry } = makeMetrics({ service: 's', env: 'e', version: 'v', commit: 'c' });
  const metric = registry.getSingleMetric(series.replace('_bucket', '')) as unknown as { upperBounds: number[] };
  return metric.upperBounds;
};

describe('Datadog', () => {
  const queries = [...datadog.matchAll(/"(?:query|numerator|denominator)":"((?:[^"\\]|\\.)*)"/g)].map(
    ([, query = '']) => query,
  );

  it('is asked for what it gets', () => {
    expect(queries.length).toBeGreaterThan(30);
    expect(queries.flatMap((query) => datadogFaults(emitted, promNames, query))).toEqual([]);
  });

  it.each([
    ['sum:http.requests.count{service:x}.as_count()', 'Datadog gets no http.requests.count'],
    ['max:outbox.events{service:x,state:stuck}', 'state of outbox_events is never stuck'],
    ['max:outbox.events{service:x} by {topic}', 'outbox_events has no label topic'],
  ])('is found asked wrongly: %s', (query, fault) => {
    expect(datadogFaults(emitted, promNames, query)).toEqual([fault]);
  });

  it('has monitors whose names are unique, with the threshold of their query', () => {
    const monitors = read('observability/datadog/monitors.json') as {
      name: string;
      query: string;
      options: { thresholds: { critical: number } };
    }[];
    expect(new Set(monitors.map(({ name }) => name)).size).toBe(monitors.length);
    for (const { query, options } of monitors) expect(query).toMatch(` ${options.thresholds.critical}`);
  });

  it('has a monitor for each cause, or a reason why not', () => {
    expect(readCauses().filter((cause) => (cause.datadog === undefined) === (cause.no_datadog === undefined))).toEqual(
      [],
    );
  });
});

describe('definitions', () => {
  it('make budgets without the digits of floating-point numbers', () => {
    expect([99.9, 99, 99.95].map((objective) => budgetOf({ objective }))).toEqual([0.001, 0.01, 0.0005]);
  });

  it('invert one condition, not two', () => {
    expect(inverted({ status: '5*' })).toEqual({ status: '!5*' });
    expect(inverted({ status: '!200' })).toEqual({ status: '200' });
    expect(() => inverted({ status: '5*', method: 'GET' })).toThrow('one condition');
  });
});
