// The figures of the phases as text.

import { sumOf, type LoadFigures } from './figures.ts';
import type { PhaseResult } from './judge.ts';

const HEADERS = [
  'phase',
  's',
  'req/s',
  'requests',
  'failed',
  'refused',
  'p99 ms',
  'slowest ms',
  'replaced',
  'orders',
  'undecided',
  '',
];

export const rateOf = ({ requests, seconds }: Pick<LoadFigures, 'requests' | 'seconds'>): number =>
  seconds === 0 ? 0 : requests / seconds;

const cellsOf = ({ name, load, orders, replaced, faults }: PhaseResult): string[] => [
  name,
  String(load.seconds),
  rateOf(load).toFixed(0),
  String(load.requests),
  String(sumOf(load.failures)),
  String(sumOf(load.refused)),
  String(load.p99Ms),
  String(load.slowestMs),
  String(replaced),
  String(load.orders.length),
  String(orders.undecided + orders.lost),
  faults.length === 0 ? '✓' : '✗',
];

const align = (rows: readonly (readonly string[])[]): string[] => {
  const widths = HEADERS.map((_, column) => Math.max(...rows.map((row) => row.at(column)?.length ?? 0)));
  const alignRow = ([name = '', ...figures]: readonly string[]): string =>
    [name.padEnd(widths.at(0) ?? 0), ...figures.map((cell, n) => cell.padStart(widths.at(n + 1) ?? 0))].join('  ');
  return rows.map((row) => alignRow(row).trimEnd());
};

export type Totals = {
  readonly seconds: number;
  readonly requests: number;
  readonly failed: number;
  readonly replaced: number;
};

/** Of all phases but the controls. */
export const totalsOf = (results: readonly PhaseResult[]): Totals => {
  const counted = results.filter(({ isControl }) => !isControl);
  const sum = (of: (result: PhaseResult) => number): number => counted.reduce((total, result) => total + of(result), 0);
  return {
    seconds: sum(({ load }) => load.seconds),
    requests: sum(({ load }) => load.requests),
    failed: sum(({ load }) => sumOf(load.failures)),
    replaced: sum(({ replaced }) => replaced),
  };
};

/** A table with a row per phase, and the faults below it. */
export const formatResults = (results: readonly PhaseResult[]): string => {
  const totals = totalsOf(results);
  const sum = `all but controls: ${totals.requests} requests, ${rateOf(totals).toFixed(0)}/s, ${totals.failed} failed, ${totals.replaced} pods replaced`;
  const faults = results.flatMap(({ name, faults: own }) => own.map((fault) => `✗ ${name}: ${fault}`));
  return [...align([HEADERS, ...results.map(cellsOf)]), '', sum, ...faults].join('\n');
};

/** What a full run must reach. */
export const LIMITS = { requests: 30_000, rate: 100, replaced: 50, minutes: 20 } as const;

/** @returns one sentence for each number that a full run has missed */
export const findMissedNumbers = (results: readonly PhaseResult[], minutes: number): string[] => {
  const totals = totalsOf(results);
  const rate = rateOf(totals);
  return [
    ...(totals.requests < LIMITS.requests ? [`${totals.requests} requests, fewer than ${LIMITS.requests}`] : []),
    ...(rate < LIMITS.rate ? [`${rate.toFixed(0)} requests per second, fewer than ${LIMITS.rate}`] : []),
    ...(totals.replaced < LIMITS.replaced ? [`${totals.replaced} pods replaced, fewer than ${LIMITS.replaced}`] : []),
    ...(minutes > LIMITS.minutes ? [`it took ${minutes.toFixed(1)} minutes, more than ${LIMITS.minutes}`] : []),
  ];
};
