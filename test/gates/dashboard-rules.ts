// Rules for dashboards: every metric, label and label value of a query is in observability/telemetry.yaml, or recorded by a rule.

import { allows, type Contract, type LabelRule, type Metric } from '../../scripts/telemetry/contract.ts';
import { readPromql, type Matcher, type Selector } from './promql.ts';

/** What Prometheus adds, and the series that it makes itself. */
const TARGET_LABELS = ['job', 'instance'];
const OF_PROMETHEUS: ReadonlyMap<string, readonly string[]> = new Map([
  ['up', TARGET_LABELS],
  ['ALERTS', ['alertname', 'alertstate', 'severity']],
]);
const PARTS = /_(?:bucket|sum|count)$/;

export type Known = { readonly contract: Contract; readonly recorded: ReadonlyMap<string, readonly string[]> };
type Found = {
  readonly labels: ReadonlySet<string>;
  readonly rules: readonly Metric[];
  readonly isCounter: boolean;
};

const find = (name: string, { contract, recorded }: Known): Found | undefined => {
  const made = OF_PROMETHEUS.get(name) ?? recorded.get(name);
  if (made !== undefined) return { labels: new Set(made), rules: [], isCounter: false };
  const rules = contract.metrics.filter((metric) =>
    metric.type === 'histogram' ? PARTS.test(name) && metric.name === name.replace(PARTS, '') : metric.name === name,
  );
  if (rules.length === 0) return undefined;
  const own = rules.flatMap(({ labels }) => Object.keys(labels));
  const labels = new Set([...own, ...contract.identity, ...TARGET_LABELS, ...(name.endsWith('_bucket') ? ['le'] : [])]);
  return { labels, rules, isCounter: rules.some(({ type }) => type !== 'gauge') };
};

/** An example of a text that a simple pattern such as `5..`, `[45]..` or `a|b` matches. */
const exampleOf = (alternative: string): string => alternative.replaceAll(/\[(\w)[^\]]*\]/g, '$1').replaceAll('.', '0');

const isPossible = (rule: LabelRule, { operator, value }: Matcher): boolean => {
  if (value === '.*') return true;
  if (operator === '=' || operator === '!=') return allows(rule, value);
  return value.split('|').every((alternative) => {
    // eslint-disable-next-line security/detect-non-literal-regexp -- of our own dashboards
    const pattern = new RegExp(`^(?:${alternative})$`);
    return 'values' in rule ? rule.values.some((one) => pattern.test(one)) : allows(rule, exampleOf(alternative));
  });
};

const faultsOfMatcher = (selector: Selector, matcher: Matcher, { labels, rules }: Found): string[] => {
  const { metric } = selector;
  if (!labels.has(matcher.label)) return [`${metric} has no label ${matcher.label}`];
  const known = rules.flatMap(({ labels: own }) => own[matcher.label] ?? []);
  if (known.length === 0 || known.some((rule) => isPossible(rule, matcher))) return [];
  return [`${matcher.label} of ${metric} is never ${matcher.value}`];
};

/** @param expr without the variables of Grafana */
export const promqlFaults = (expr: string, known: Known): string[] => {
  const { selectors, groupedBy } = readPromql(expr);
  if (selectors.length === 0) return ['reads no metric'];
  return selectors.flatMap((selector) => {
    const found = find(selector.metric, known);
    if (found === undefined) return [`${selector.metric} is not documented`];
    return [
      ...selector.matchers.flatMap((matcher) => faultsOfMatcher(selector, matcher, found)),
      ...groupedBy
        .filter((label) => !found.labels.has(label))
        .map((label) => `${selector.metric} has no label ${label}`),
      ...(selector.isCounted && !found.isCounter
        ? [`${selector.metric} is no counter: rate() and increase() are wrong`]
        : []),
    ];
  });
};

// eslint-disable-next-line security/detect-unsafe-regex -- for our own file
const DATADOG = /^(\w+):([\w.]+)\{([^}]*)\}(?: by \{([^}]*)\})?(?:\.as_(?:count|rate)\(\))?$/;
/** Tags that agents add, and the one of Datadog's name for `le`. */
const AGENT_TAGS = ['pod_name', 'upper_bound'];

const datadogTagFaults = (tag: string, metric: Metric, contract: Contract): string[] => {
  const [label = '', value] = tag.split(':');
  const rule = new Map(Object.entries(metric.labels)).get(label);
  if (rule === undefined) {
    const isKnown = [...contract.identity, ...AGENT_TAGS].includes(label);
    return isKnown ? [] : [`${metric.name} has no tag ${label}`];
  }
  const isFine = value === undefined || isPossible(rule, { label, operator: '=~', value: value.replace('*', '..') });
  return isFine ? [] : [`${label} of ${metric.name} is never ${value}`];
};

/** @param query of a Datadog dashboard, with its variables such as `$env` */
export const datadogFaults = (query: string, { contract }: Known): string[] => {
  const [, , name, scope = '', by = ''] = DATADOG.exec(query) ?? [];
  if (name === undefined) return [`is not understood: ${query}`];
  const metric = contract.metrics.find(({ datadog }) =>
    datadog?.type === 'buckets'
      ? [`${datadog.name}.bucket`, `${datadog.name}.sum`, `${datadog.name}.count`].includes(name)
      : datadog?.name === name,
  );
  if (metric === undefined) return [`${name} is not documented`];
  const tags = [...scope.split(','), ...by.split(',')].filter((tag) => tag !== '' && !tag.startsWith('$'));
  return tags.flatMap((tag) => datadogTagFaults(tag, metric, contract));
};
