// observability/slo.yaml and observability/causes.yaml, read and checked: the sources of all generated rules and monitors.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

import type { Filters } from './selectors.ts';

/** Events are the observations of a histogram. One fails if `failed` selects it or if it takes longer than `within` seconds. */
export type HistogramSli = {
  readonly histogram: string;
  readonly valid?: Filters;
  readonly failed?: Filters;
  readonly within?: number;
};
/** Each evaluation of the rules is an event. It fails while the gauge is above `most` or absent. */
export type GaugeSli = { readonly gauge: string; readonly most: number };
export type Sli = HistogramSli | GaugeSli;

export type Slo = {
  readonly name: string;
  /** Percent. */
  readonly objective: number;
  readonly title: string;
  readonly description: string;
  readonly valid: string;
  readonly failures: string;
  readonly dashboard: string;
  readonly sli: Sli;
  readonly least_failures: number;
};

export type SloFile = {
  readonly service: string;
  readonly owner: string;
  readonly period_days: number;
  readonly runbooks: string;
  readonly dashboards: string;
  readonly slos: readonly Slo[];
};

export type Severity = 'page' | 'ticket';

export type Cause = {
  readonly name: string;
  readonly severity: Severity;
  readonly chart?: boolean;
  readonly compose?: boolean;
  readonly expr: string;
  readonly for?: string;
  readonly summary: string;
  readonly description: string;
  readonly dashboard: string;
  readonly datadog?: { readonly query: string; readonly absent?: boolean };
  readonly no_datadog?: string;
};

const FOLDER = join(import.meta.dirname, '../../observability');
const read = (file: string): unknown => parse(readFileSync(join(FOLDER, file), 'utf8'));

export const isGauge = (sli: Sli): sli is GaugeSli => 'gauge' in sli;

/** 0.001 for 99.9 %, without the digits that floating-point numbers add. */
export const budgetOf = ({ objective }: Pick<Slo, 'objective'>): number => Number((1 - objective / 100).toFixed(6));

const check = ({ name, objective, sli }: Slo): void => {
  if (!(objective > 0 && objective < 100)) throw new Error(`${name}: the objective must be between 0 and 100 percent`);
  if (!isGauge(sli) && sli.failed === undefined && sli.within === undefined)
    throw new Error(`${name}: neither "failed" nor "within" says which events fail`);
};

/** @throws Error for an objective that no rule can be made of */
export const readSlos = (): SloFile => {
  const file = read('slo.yaml') as SloFile;
  for (const slo of file.slos) check(slo);
  return file;
};

export const readCauses = (): readonly Cause[] => (read('causes.yaml') as { alerts: Cause[] }).alerts;
