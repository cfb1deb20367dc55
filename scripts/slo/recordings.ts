// Recording rules of one objective, with the names and labels of sloth (https://sloth.dev), so that its dashboards work. Beyond sloth: events are
// recorded too, because averages of ratios would weigh a quiet night like a busy day, and because a few failed events must not alert.

import { budgetOf, isGauge, type Sli, type Slo } from './definitions.ts';
import { failedEvents, failsNow, validEvents } from './sli.ts';
import { BURNS, DIRECT, INTERVAL_SECONDS, RECORDED } from './windows.ts';

export type Labels = Readonly<Record<string, string>>;
export type Recording = { readonly record: string; readonly expr: string; readonly labels: Labels };

export type Objective = {
  readonly slo: Slo;
  readonly periodDays: number;
  /** Matchers of the service's series. */
  readonly scope: string;
  /** Identify the recorded series of this objective. */
  readonly labels: Labels;
};

export const selectorOf = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ');

const VALID = 'slo:valid_events:rate5m';
const FAILED = 'slo:failed_events:rate5m';
const FAILS_NOW = 'slo:sli_failing:bool';

const eventsOf = ({ slo: { sli }, scope, labels }: Objective): Recording[] =>
  isGauge(sli)
    ? [{ record: FAILS_NOW, expr: failsNow(sli, scope), labels }]
    : [
        { record: VALID, expr: validEvents(sli, scope, 'rate', '5m'), labels },
        { record: FAILED, expr: failedEvents(sli, scope, 'rate', '5m'), labels },
      ];

/** Without events there is no ratio: 0 / 0 would be NaN, and so would each average that includes it. */
const ratio = (failed: string, valid: string): string => `${failed}\n/\n(${valid} > 0)`;

const overTime = (series: string, labels: Labels, window: string): string =>
  `avg_over_time(${series}{${selectorOf(labels)}}[${window}])`;

const ratioExpr = ({ slo: { sli }, scope, labels }: Objective, window: string): string => {
  if (isGauge(sli)) return overTime(FAILS_NOW, labels, window);
  return DIRECT.includes(window)
    ? ratio(failedEvents(sli, scope, 'rate', window), validEvents(sli, scope, 'rate', window))
    : ratio(overTime(FAILED, labels, window), overTime(VALID, labels, window));
};

const ratioOf = (objective: Objective, window: string): Recording => ({
  record: `slo:sli_error:ratio_rate${window}`,
  expr: ratioExpr(objective, window),
  labels: { ...objective.labels, sloth_window: window },
});

const failuresExpr = (sli: Sli, { scope, labels }: Objective, window: string): string => {
  if (isGauge(sli)) return `sum_over_time(${FAILS_NOW}{${selectorOf(labels)}}[${window}])`;
  return DIRECT.includes(window)
    ? failedEvents(sli, scope, 'increase', window)
    : `sum_over_time(${FAILED}{${selectorOf(labels)}}[${window}]) * ${INTERVAL_SECONDS}`;
};

/** How many events failed in the long windows of the alerts. */
const failuresOf = (objective: Objective, windows: readonly string[]): Recording[] =>
  BURNS.filter(({ long }) => windows.includes(long)).map(({ long }) => ({
    record: `slo:failed_events:increase${long}`,
    expr: failuresExpr(objective.slo.sli, objective, long),
    labels: { ...objective.labels, sloth_window: long },
  }));

const ratiosAndFailures = (objective: Objective, windows: readonly string[]): Recording[] => [
  ...windows.map((window) => ratioOf(objective, window)),
  ...failuresOf(objective, windows),
];

export const sliRecordings = (objective: Objective): Recording[] => [
  ...eventsOf(objective),
  ...ratiosAndFailures(objective, DIRECT),
];

/** Windows of days. They change slowly and read much, so they are evaluated less often. */
export const longRecordings = (objective: Objective): Recording[] =>
  ratiosAndFailures(objective, [...RECORDED, `${objective.periodDays}d`]);

export const metaRecordings = ({ slo, periodDays, labels }: Objective): Recording[] => {
  const budget = budgetOf(slo);
  const burnRate = (window: string): string => `slo:sli_error:ratio_rate${window}{${selectorOf(labels)}}
/ on(${Object.keys(labels).join(', ')}) group_left
slo:error_budget:ratio{${selectorOf(labels)}}`;
  return [
    { record: 'slo:objective:ratio', expr: `vector(${Number((1 - budget).toFixed(6))})`, labels },
    { record: 'slo:error_budget:ratio', expr: `vector(${budget})`, labels },
    { record: 'slo:time_period:days', expr: `vector(${periodDays})`, labels },
    { record: 'slo:current_burn_rate:ratio', expr: burnRate('5m'), labels },
    { record: 'slo:period_burn_rate:ratio', expr: burnRate(`${periodDays}d`), labels },
    {
      record: 'slo:period_error_budget_remaining:ratio',
      expr: `1 - slo:period_burn_rate:ratio{${selectorOf(labels)}}`,
      labels,
    },
    { record: 'sloth_slo_info', expr: 'vector(1)', labels: { ...labels, sloth_objective: String(slo.objective) } },
  ];
};
