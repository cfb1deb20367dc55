// Adds up the lines of the load generator and decides whether a phase passed.

import type { LoadLine } from './load-generator.mts';

export type LoadFigures = {
  readonly seconds: number;
  readonly requests: number;
  /** Upper bound of the bucket that contains it. */
  readonly p99Ms: number;
  readonly slowestMs: number;
  /** Failed requests by reason. */
  readonly failures: ReadonlyMap<string, number>;
  /** Outcomes that the phase allows, by reason. */
  readonly refused: ReadonlyMap<string, number>;
  readonly orders: readonly string[];
};

const addCounts = (counts: readonly Readonly<Record<string, number>>[]): Map<string, number> => {
  const sums = new Map<string, number>();
  for (const [key, count] of counts.flatMap((each) => Object.entries(each)))
    sums.set(key, (sums.get(key) ?? 0) + count);
  return sums;
};

export const sumOf = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0);

/** @returns the smallest latency bucket that contains the given share of all requests; 0 without requests */
export const percentile = (latencies: ReadonlyMap<string, number>, share: number): number => {
  const sorted = [...latencies]
    .map(([bucket, count]) => [Number(bucket), count] as const)
    .toSorted(([a], [b]) => a - b);
  const target = share * sumOf(latencies);
  let seen = 0;
  for (const [bucket, count] of sorted) {
    seen += count;
    if (seen >= target) return bucket;
  }
  return 0;
};

/** @param refusals unexpected outcomes that are right in this phase; default: none */
export const addUp = (lines: readonly LoadLine[], refusals?: RegExp): LoadFigures => {
  const outcomes = [...addCounts(lines.map(({ failures }) => failures))];
  const slowestMs = Math.max(0, ...lines.map((line) => line.slowestMs));
  const isRefusal = ([reason]: readonly [string, number]): boolean => refusals?.test(reason) === true;
  return {
    seconds: lines.length,
    requests: lines.reduce((sum, { requests }) => sum + requests, 0),
    p99Ms: Math.min(percentile(addCounts(lines.map(({ latencies }) => latencies)), 0.99), slowestMs), // a bucket ends above its values
    slowestMs,
    failures: new Map(outcomes.filter((outcome) => !isRefusal(outcome))),
    refused: new Map(outcomes.filter(isRefusal)),
    orders: lines.flatMap(({ orders }) => orders),
  };
};

/** What became of the acknowledged orders of a phase. */
export type OrderFigures = {
  /** Not in the database. */
  readonly lost: number;
  /** Neither confirmed nor rejected 5 seconds after the end of the phase. */
  readonly undecided: number;
};

const listReasons = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([reason, count]) => `${count} × ${reason}`).join('; ');

/** @returns one sentence for each thing that is wrong; none if the phase passed */
export const findFaults = (load: LoadFigures, orders: OrderFigures): string[] => [
  ...(load.requests === 0 ? ['no request was sent'] : []),
  ...(load.failures.size > 0 ? [`${sumOf(load.failures)} requests failed: ${listReasons(load.failures)}`] : []),
  ...(orders.lost > 0 ? [`${orders.lost} acknowledged orders are not in the database`] : []),
  ...(orders.undecided > 0 ? [`${orders.undecided} orders are undecided 5 s after the phase`] : []),
];
