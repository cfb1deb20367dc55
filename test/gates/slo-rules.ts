// Rules for alerts, recording rules and monitors. Each is a function to sentences; slo.test.ts violates each one.

import { existsSync } from 'node:fs';

import type { Contract } from '../../scripts/telemetry/contract.ts';

export type Rule = {
  readonly alert?: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};

/* eslint-disable sonarjs/super-linear-regex, security/detect-unsafe-regex -- they read our own files */

const REQUIRED = ['summary', 'description', 'runbook_url', 'dashboard', 'owner', 'escalation'];
const RUNBOOK = /\/runbooks\/([a-z]+(?:-[a-z]+)*)\.md$/;

const kebab = (name: string): string =>
  name
    .replace('UserService', '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-')
    .toLowerCase();

/** Causes that are symptoms: a process that is gone, a user who can not buy, and an outage whose time is known. */
const SYMPTOM = /(?:Absent|SyntheticJourneyFailed|CredentialsExpire)$/;

/** Only an objective and a symptom may wake somebody. */
export const alertFaults = ({ alert = '', labels, annotations = {} }: Rule): string[] => {
  const severity = labels.severity ?? '';
  const given = new Map(Object.entries(annotations));
  return [
    ...(['page', 'ticket'].includes(severity) ? [] : [`${alert}: severity is "${severity}"`]),
    ...REQUIRED.filter((name) => (given.get(name) ?? '') === '').map((name) => `${alert}: has no ${name}`),
    ...(RUNBOOK.exec(annotations.runbook_url ?? '')?.[1] === kebab(alert) ? [] : [`${alert}: names another runbook`]),
    ...(severity === 'page' && labels.sloth_slo === undefined && !SYMPTOM.test(alert)
      ? [`${alert}: a cause pages`]
      : []),
  ];
};

export const runbookNames = (rules: readonly Rule[]): string[] => [
  ...new Set(rules.flatMap(({ annotations = {} }) => RUNBOOK.exec(annotations.runbook_url ?? '')?.[1] ?? [])),
];

/** Names of files that should exist. Nothing while there is no folder of runbooks. */
export const missingFiles = (folder: string, names: readonly string[], ending: string): string[] =>
  existsSync(folder) ? names.filter((name) => !existsSync(`${folder}/${name}${ending}`)) : [];

type Metrics = ReadonlyMap<string, Contract['metrics'][number]>;
export type Emitted = { readonly metrics: Metrics; readonly identity: readonly string[] };

/** Labels that Prometheus adds. */
const OF_TARGETS = new Set(['job', 'instance', 'namespace', 'pod', 'le']);
/** Of kube-state-metrics, https://github.com/kubernetes/kube-state-metrics: in the rules of the chart only. */
const OF_KUBERNETES = new Map([
  ['kube_cronjob_created', ['namespace', 'cronjob']],
  ['kube_cronjob_status_last_successful_time', ['namespace', 'cronjob']],
]);
const RECORDED = /^(?:slo:|sloth_|ALERTS|up$)/;

const allows = (rule: Contract['metrics'][number]['labels'][string], value: string): boolean =>
  'values' in rule ? rule.values.includes(value) : rule.pattern.test(value);

const matcherFaults = (emitted: Emitted, name: string, matchers: string): string[] => {
  const labels = new Map(Object.entries(emitted.metrics.get(name)?.labels ?? {}));
  return [...matchers.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)].flatMap(
    ([, label = '', operator = '', value = '']) => {
      const rule = labels.get(label);
      if (rule === undefined)
        return emitted.identity.includes(label) || OF_TARGETS.has(label) ? [] : [`${name} has no label ${label}`];
      return operator.includes('~') || value.endsWith('*') || allows(rule, value)
        ? []
        : [`${label} of ${name} is never ${value}`];
    },
  );
};

const kubernetesFaults = (series: string, known: readonly string[], matchers: string): string[] =>
  [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].flatMap(([, label = '']) =>
    known.includes(label) ? [] : [`${series} has no label ${label}`],
  );

const familyOf = ({ metrics }: Emitted, name: string): string => {
  const family = name.replace(/_(?:bucket|sum|count)$/, '');
  return metrics.get(family)?.type === 'histogram' ? family : name;
};

/** Every process that reports them reports the same: their sum grows with the number of processes. */
const SHARED = new Set([
  'consumer_lag_messages',
  'outbox_events',
  'outbox_oldest_event_seconds',
  'purge_overdue_seconds',
]);

const sumFaults = (expr: string): string[] =>
  [...expr.matchAll(/\bsum\s*(?:by\s*\([^)]*\)\s*)?\(\s*(?:\w+\()?([a-z_]+)\{/g)]
    .filter(([, series = '']) => SHARED.has(series))
    .map(([, series = '']) => `${series} is the same in each process: take the max of it before the sum`);

/** What an expression reads and no process emits, and what it adds up although each process reports all of it. */
export const expressionFaults = (emitted: Emitted, expr: string): string[] => [
  ...sumFaults(expr),
  ...[...expr.matchAll(/([a-z_:][\w:]*)\{([^}]*)\}/gi)].flatMap(([, series = '', matchers = '']) => {
    if (RECORDED.test(series)) return [];
    const ofKubernetes = OF_KUBERNETES.get(series);
    if (ofKubernetes !== undefined) return kubernetesFaults(series, ofKubernetes, matchers);
    const name = familyOf(emitted, series);
    return emitted.metrics.has(name) ? matcherFaults(emitted, name, matchers) : [`there is no metric ${series}`];
  }),
];

/** A query of Datadog: `name{tag:value,!tag:value}`, with `.count`, `.bucket` or `.sum` for histograms. */
export const datadogFaults = (emitted: Emitted, names: ReadonlyMap<string, string>, query: string): string[] =>
  [...query.matchAll(/([a-z0-9.]+)\{((?:\$\{env\}|[^}])*)\}(?: by \{([\w,]+)\})?/g)].flatMap(
    ([, series = '', scope = '', by = '']) => {
      const metric = names.get(series) ?? names.get(series.replace(/\.(?:bucket|sum|count)$/, ''));
      if (metric === undefined) return [`Datadog gets no ${series}`];
      const tags = scope
        .replaceAll('${env}', 'test')
        .split(',')
        .filter((tag) => !tag.startsWith('upper_bound:'));
      const matchers = [
        ...tags,
        ...by
          .split(',')
          .filter(Boolean)
          .map((label) => `${label}:*`),
      ].map((tag) => {
        const [name = '', ...value] = tag.replace('!', '').split(':');
        return `${name}="${value.join(':')}"`;
      });
      return matcherFaults(emitted, metric, matchers.join(','));
    },
  );
