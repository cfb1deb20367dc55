// What a query of a runbook reads, compared with what the processes emit. promtool parses all of them in test/slo/runbooks.test.ts.

import type { Runbook } from '../../../scripts/runbooks/runbook.ts';
import { readPromql } from '../promql.ts';
import { expressionFaults, type Emitted } from '../slo-rules.ts';
import { readScript } from './shell-commands.ts';

/* eslint-disable security/detect-object-injection -- they read our own files */

/** Series that others make: Prometheus itself, the recording rules, kube-state-metrics and the kubelet. */
const FOREIGN = /^(?:up|ALERTS|ALERTS_FOR_STATE|slo:.*|sloth_.*|kube_.*|container_.*|prometheus_.*|scrape_.*)$/;
const OF_TARGETS = ['job', 'instance', 'namespace', 'pod', 'container', 'le', 'severity', 'alertname'];
const PAIRS: Readonly<Record<string, string>> = { '(': ')', '{': '}', '[': ']' };

const balanceFault = (expr: string): string[] => {
  const open: string[] = [];
  for (const char of expr.replaceAll(/"[^"]*"/g, '')) {
    const end = PAIRS[char];
    if (end !== undefined) open.push(end);
    else if (')}]'.includes(char) && open.pop() !== char) return [`the query has a ${char} too many: ${expr}`];
  }
  return open.length > 0 ? [`the query lacks a ${open.join(' ')}: ${expr}`] : [];
};

const familyOf = ({ metrics }: Emitted, name: string): string => {
  const family = name.replace(/_(?:bucket|sum|count)$/, '');
  return metrics.get(family)?.type === 'histogram' ? family : name;
};

const isForeign = (metric: string): boolean => FOREIGN.test(metric);

export const queryFaults = (expr: string, emitted: Emitted): string[] => {
  if (expr.trim() === '') return ['the query is missing'];
  const balance = balanceFault(expr);
  if (balance.length > 0) return balance;
  const { selectors, groupedBy } = readPromql(expr.replaceAll(/\boffset -?\w+/g, ''));
  const bare = selectors.filter(({ metric, matchers }) => matchers.length === 0 && !isForeign(metric));
  const labels = selectors.flatMap(({ metric }) =>
    isForeign(metric) ? groupedBy : Object.keys(emitted.metrics.get(familyOf(emitted, metric))?.labels ?? {}),
  );
  return [
    ...(selectors.length === 0 && !/^\d+$/.test(expr) ? [`the query reads no metric: ${expr}`] : []),
    ...bare
      .filter(({ metric }) => !emitted.metrics.has(familyOf(emitted, metric)))
      .map(({ metric }) => `there is no metric ${metric} in observability/telemetry.yaml`),
    ...expressionFaults(emitted, expr.replaceAll(/\b(?:kube|container)_\w+\{[^}]*\}/g, 'up{}')),
    ...groupedBy
      .filter((label) => label !== '' && ![...labels, ...emitted.identity, ...OF_TARGETS].includes(label))
      .map((label) => `no metric of the query has the label ${label}`),
  ];
};

/** The queries of all blocks. */
export const queriesOf = ({ blocks }: Pick<Runbook, 'blocks'>): { readonly expr: string; readonly line: number }[] =>
  blocks.flatMap(({ script, line }) =>
    readScript(script, line + 1)
      .commands.filter(({ words }) => words[0] === 'promtool')
      .map(({ words, line: at }) => ({ expr: words.at(-1) ?? '', line: at })),
  );
