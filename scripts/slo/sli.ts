// PromQL for how many events an SLI counts and how many of them failed.

import type { HistogramSli, Sli } from './definitions.ts';
import { isGauge } from './definitions.ts';
import { inverted, promqlOf } from './selectors.ts';

/** Prometheus 3 stores the bucket `5` as `5.0`. */
const bucketOf = (seconds: number): string =>
  Number.isInteger(seconds) ? String.raw`le=~"${seconds}(\\.0)?"` : `le="${seconds}"`;

const matchers = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(',');

const sumOf = (operation: string, series: string, window: string): string => `sum(${operation}(${series}[${window}]))`;

/** A series that no event has created yet counts as none. The sum would be empty, and with it the ratio. */
const orNone = (expr: string): string => `(${expr} or vector(0))`;

const seriesOf = ({ histogram, valid, failed, within }: HistogramSli, scope: string) => ({
  valid: `${histogram}_count{${matchers(scope, promqlOf(valid))}}`,
  failed: `${histogram}_count{${matchers(scope, promqlOf(valid, failed))}}`,
  good: `${histogram}_bucket{${matchers(scope, promqlOf(valid, inverted(failed)), bucketOf(within ?? 0))}}`,
});

/** @param operation `rate` for events per second, `increase` for their number */
export const validEvents = (sli: HistogramSli, scope: string, operation: string, window: string): string =>
  sumOf(operation, seriesOf(sli, scope).valid, window);

export const failedEvents = (sli: HistogramSli, scope: string, operation: string, window: string): string => {
  const { valid, failed, good } = seriesOf(sli, scope);
  if (sli.within === undefined) return orNone(sumOf(operation, failed, window));
  return `clamp_min(${sumOf(operation, valid, window)} - ${orNone(sumOf(operation, good, window))}, 0)`;
};

/** 1 while an SLI of time fails, else 0. */
export const failsNow = (sli: Sli, scope: string): string => {
  if (!isGauge(sli)) throw new Error('not an SLI of time');
  return `(max(${sli.gauge}{${scope}}) > bool ${sli.most}) or vector(1)`;
};
