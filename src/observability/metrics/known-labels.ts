// Counters and histograms whose labels have few, known values. They are declared with the metric: each combination exists with 0 from the
// start, because `increase()` does not see the first event of a series that is born with it, and another value does not compile.
// https://prometheus.io/docs/practices/instrumentation/#avoid-missing-metrics

import { Counter } from 'prom-client';

import { makeTracedHistogram, type CurrentTrace, type OpenMetricsRegistry, type Samples } from './traced-histogram.ts';

type Values = Readonly<Record<string, readonly string[]>>;
type Options<V extends Values> = {
  readonly name: string;
  readonly help: string;
  /** The values of each label. With the type `string[]`, only the known ones start at 0. */
  readonly values: V;
  readonly registers: OpenMetricsRegistry[];
};

export type LabelsOf<V extends Values> = { readonly [Label in keyof V]: V[Label][number] };

const combinations = (values: Values): Record<string, string>[] =>
  Object.entries(values).reduce<Record<string, string>[]>(
    (all, [label, list]) => all.flatMap((labels) => list.map((value) => ({ ...labels, [label]: value }))),
    [{}],
  );

export const countKnown = <const V extends Values>({ values, ...options }: Options<V>) => {
  const counter = new Counter({ ...options, labelNames: Object.keys(values) });
  for (const labels of combinations(values)) counter.inc(labels, 0);
  return {
    inc: (labels: LabelsOf<V>, count = 1): void => {
      counter.inc(labels, count);
    },
  };
};

type Measure = { readonly buckets: readonly number[]; readonly currentTrace: CurrentTrace };

/** @param options buckets: upper limits */
export const measureKnown = <const V extends Values>({ values, ...options }: Options<V> & Measure) => {
  const histogram = makeTracedHistogram({ ...options, labelNames: Object.keys(values) });
  for (const labels of combinations(values)) histogram.zero(labels);
  const known = new Map<string, Samples>();
  const watchers: ((labels: LabelsOf<V>, value: number) => void)[] = [];
  return {
    observe: (labels: LabelsOf<V>, value: number): void => {
      const key = Object.values(labels).join();
      const samples = known.get(key) ?? histogram.labels(labels);
      known.set(key, samples);
      samples.observe(value);
      for (const watcher of watchers) watcher(labels, value);
    },
    /** Passes every later value to each exporter that sends values instead of buckets. */
    watch: (observe: (typeof watchers)[number]): void => {
      watchers.push(observe);
    },
  };
};
