// The windows of the SRE workbook, chapter 5, "multiwindow, multi-burn-rate alerts": https://sre.google/workbook/alerting-on-slos/
// An alert fires while both windows burn: the long one says that the loss matters, the short one that it goes on.

import type { Severity } from './definitions.ts';

export type Burn = {
  readonly severity: Severity;
  /** How many times faster than allowed the budget is used. */
  readonly factor: number;
  readonly long: string;
  readonly short: string;
  /** The share of the budget of 30 days that is used when it fires. */
  readonly share: string;
};

export const BURNS: readonly Burn[] = [
  { severity: 'page', factor: 14.4, long: '1h', short: '5m', share: '2 %' },
  { severity: 'page', factor: 6, long: '6h', short: '30m', share: '5 %' },
  { severity: 'ticket', factor: 3, long: '1d', short: '2h', share: '10 %' },
  { severity: 'ticket', factor: 1, long: '3d', short: '6h', share: '10 %' },
];

/** Seconds between two evaluations of the rules. */
export const INTERVAL_SECONDS = 30;
/** The same for the windows of days. Below the 5 minutes after which Prometheus takes a series for gone. */
export const LONG_INTERVAL_SECONDS = 120;

/** Read from the metrics of the service. Longer windows are computed from recorded rates: a range of days over each series costs too much. */
export const DIRECT = ['5m', '30m', '1h', '2h', '6h'];
export const RECORDED = ['1d', '3d'];
