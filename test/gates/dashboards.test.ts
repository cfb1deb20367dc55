// Each query of each dashboard asks only for what the processes emit; and a query that does not is found.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { loadContract } from '../../scripts/telemetry/contract.ts';
import { dashboardQueries } from '../support/dashboard-queries.ts';
import { datadogFaults, promqlFaults } from './dashboard-rules.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

type Rules = { readonly groups: readonly { readonly rules: readonly { readonly record?: string }[] }[] };

const SLO_LABELS = ['sloth_id', 'sloth_service', 'sloth_slo'];
const recorded = new Map(
  globSync('observability/prometheus/rules/*.yaml', { cwd: root })
    .flatMap((path) => (parse(read(path)) as Rules).groups)
    .flatMap(({ rules }) =>
      rules.flatMap(({ record }) => (record === undefined ? [] : [[record, SLO_LABELS] as const])),
    ),
);
const known = { contract: loadContract(), recorded };
const queries = dashboardQueries('5m');

const datadog = read('observability/datadog/dashboard.json');
const datadogQueries = [...datadog.matchAll(/"query": "(.*)"/g)].map(([, query = '']) => query);

describe('Grafana', () => {
  it.each([...new Set(queries.map(({ dashboard }) => dashboard))])('%s reads only what exists', (name) => {
    const faults = queries
      .filter(({ dashboard }) => dashboard === name)
      .flatMap(({ panel, expr }) => promqlFaults(expr, known).map((fault) => `${panel}: ${fault}`));
    expect(faults).toEqual([]);
  });

  it.each([
    ['sum(rate(user_registration_total[5m]))', 'user_registration_total is not documented'],
    ['http_request_duration_seconds', 'http_request_duration_seconds is not documented'],
    [
      'sum by (path) (rate(http_request_duration_seconds_count[5m]))',
      'http_request_duration_seconds_count has no label path',
    ],
    ['sign_ins_total{outcome="accepted"}', 'sign_ins_total has no label outcome'],
    ['sign_ins_total{result="ok"}', 'result of sign_ins_total is never ok'],
    ['sign_ins_total{result=~"ok|accepted"}', 'result of sign_ins_total is never ok|accepted'],
    [
      'http_request_duration_seconds_count{status=~"6.."}',
      'status of http_request_duration_seconds_count is never 6..',
    ],
    ['rate(outbox_events[5m])', 'outbox_events is no counter: rate() and increase() are wrong'],
    ['vector(1)', 'reads no metric'],
  ])('finds what is wrong with %s', (expr, fault) => {
    expect(promqlFaults(expr, known)).toEqual([fault]);
  });

  it('says in each panel what it shows, in which unit, and what an empty one means', () => {
    for (const name of new Set(queries.map(({ dashboard }) => dashboard))) {
      const { panels } = JSON.parse(read(`observability/grafana/dashboards/${name}`)) as {
        panels: {
          type: string;
          description?: string;
          fieldConfig?: { defaults: { unit?: string; noValue?: string } };
        }[];
      };
      for (const { description, fieldConfig } of panels.filter(({ type }) => type !== 'row')) {
        expect(description).toMatch(/\.$/);
        expect(fieldConfig?.defaults.unit).toBeTruthy();
        expect(fieldConfig?.defaults.noValue).toBeTruthy();
      }
    }
  });
});

describe('links', () => {
  const rules = globSync('observability/prometheus/rules/*.yaml', { cwd: root }).map(read).join('');
  const dashboards = globSync('observability/grafana/dashboards/*.json', { cwd: root }).map(read).join('');
  const all = (text: string, pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([, found]) => found))];

  it('lead from alerts to dashboards that exist', () => {
    const uids = all(dashboards, /"uid": "(user-service-[\w-]+)"/g);
    const linked = all(rules, /dashboard: .*\/d\/([\w-]+)/g);
    expect(linked.length).toBeGreaterThan(3);
    expect(linked.filter((uid) => !uids.includes(uid))).toEqual([]);
  });

  it('lead from panels to runbooks of alerts', () => {
    const runbooks = all(rules, /runbook_url: (.*)/g);
    const linked = all(dashboards, /"url": "([^"]*\/runbooks\/[^"]*)"/g);
    expect(linked.length).toBeGreaterThan(10);
    expect(linked.filter((url) => !runbooks.includes(url))).toEqual([]);
  });
});

describe('Datadog', () => {
  it('reads only what exists', () => {
    expect(datadogQueries.length).toBeGreaterThan(30);
    expect(datadogQueries.flatMap((query) => datadogFaults(query, known))).toEqual([]);
  });

  it.each([
    ['sum:user.registration{$env}.as_count()', 'user.registration is not documented'],
    ['sum:http.request.duration{$env}.as_count()', 'http.request.duration is not documented'],
    ['sum:sign.ins{result:ok}.as_count()', 'result of sign_ins_total is never ok'],
    ['sum:sign.ins{$env} by {outcome}.as_count()', 'sign_ins_total has no tag outcome'],
    ['sum(sign.ins)', 'is not understood: sum(sign.ins)'],
  ])('finds what is wrong with %s', (query, fault) => {
    expect(datadogFaults(query, known)).toEqual([fault]);
  });
});
