// The few shapes that all dashboards are made of, so that a dashboard is a list of titles and queries.

/* eslint-disable sonarjs/deprecation, @typescript-eslint/no-deprecated -- the SDK prefers the schema v2, which Grafana 12 does not read from files */

import {
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
  type Dashboard,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  ReduceDataOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

import { readSlos } from '../../scripts/slo/definitions.ts';

export type Query = {
  readonly expr: string;
  /** With `{{label}}` for the values of a label. */
  readonly legend: string;
  /** Shows exemplars as dots, each with a link to its trace. */
  readonly exemplars?: boolean;
};

export type Panel = {
  readonly title: string;
  /** What it shows, and when to worry. */
  readonly description: string;
  /** https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/valueFormats/categories.ts */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** Values from which it is red; with `isFloor`, values below which it is. Those of an objective are drawn as a line. */
  readonly threshold?: number;
  readonly isFloor?: boolean;
  /** One number instead of a graph. */
  readonly isStat?: boolean;
  /** Shown where a query returns nothing. */
  readonly noData: string;
  /** Of the alerts about what it shows: names of files in runbooks/. */
  readonly runbooks?: readonly string[];
  /** Of 24 columns. */
  readonly width?: number;
};

export type Row = { readonly title: string; readonly panels: readonly Panel[] };

export type DashboardSource = {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly Row[];
};

/** The variables of every dashboard. "All" is `.*`, which also matches series without the label. */
export const SCOPE = 'service=~"$service",env=~"$env",instance=~"$pod"';

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const VARIABLES = [
  { name: 'service', label: 'Service', query: 'label_values(build_info, service)' },
  { name: 'env', label: 'Environment', query: 'label_values(build_info, env)' },
  { name: 'pod', label: 'Pod', query: 'label_values(up, instance)' },
];
const GREEN = 'green';
const RED = 'red';

const thresholdsOf = ({ threshold, isFloor = false }: Panel) => {
  const builder = new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute);
  const [low, high] = isFloor ? [RED, GREEN] : [GREEN, RED];
  const base = { value: null, color: low };
  return builder.steps(
    threshold === undefined ? [{ value: null, color: GREEN }] : [base, { value: threshold, color: high }],
  );
};

const targetOf = ({ expr, legend, exemplars = false }: Query, index: number, isStat: boolean) => {
  const target = new DataqueryBuilder()
    .datasource(DATASOURCE)
    .refId(String.fromCharCode('A'.charCodeAt(0) + index))
    .expr(expr)
    .legendFormat(legend)
    .exemplar(exemplars);
  return isStat ? target.instant() : target.range();
};

const statOf = (panel: Panel) =>
  new StatBuilder()
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .height(5)
    .span(panel.width ?? 6);

const graphOf = (panel: Panel) => {
  const mode = panel.threshold === undefined ? GraphThresholdsStyleMode.Off : GraphThresholdsStyleMode.Line;
  return new TimeseriesBuilder()
    .min(0)
    .fillOpacity(10)
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(mode))
    .height(8)
    .span(panel.width ?? 12);
};

const runbookOf = (name: string) =>
  new DashboardLinkBuilder(`Runbook: ${name}`)
    .type(DashboardLinkType.Link)
    .url(`${readSlos().runbooks}/${name}.md`)
    .targetBlank(true);

const panelOf = (panel: Panel) => {
  const { title, description, unit, noData, queries, runbooks = [], isStat = false } = panel;
  const builder: StatBuilder | TimeseriesBuilder = isStat ? statOf(panel) : graphOf(panel);
  return builder
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .unit(unit)
    .noValue(noData)
    .thresholds(thresholdsOf(panel))
    .links(runbooks.map(runbookOf))
    .targets(queries.map((query, index) => targetOf(query, index, isStat)));
};

const variableOf = ({ name, label, query }: (typeof VARIABLES)[number]) =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: 'All', value: '$__all' });

/** The other dashboards, with the same time range and variables. */
const otherDashboards = () =>
  new DashboardLinkBuilder('Dashboards')
    .type(DashboardLinkType.Dashboards)
    .tags(['user-service'])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true);

/** @returns the model that Grafana imports */
export const makeDashboard = ({ uid, title, description, rows }: DashboardSource): Dashboard => {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['user-service'])
    .timezone('browser')
    .time({ from: 'now-1h', to: 'now' })
    .refresh('10s')
    .link(otherDashboards())
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'));
  for (const variable of VARIABLES) builder.withVariable(variableOf(variable));
  let last = 0;
  /** Fixed by the order, so that a link to a panel stays valid. */
  const nextId = (): number => {
    last += 1;
    return last;
  };
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title).id(nextId()));
    for (const panel of row.panels) builder.withPanel(panelOf(panel).id(nextId()));
  }
  return builder.build();
};
