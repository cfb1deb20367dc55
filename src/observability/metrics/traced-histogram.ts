// Histograms whose buckets carry the id of a trace that ended in them, as OpenMetrics exemplars: from a slow bucket to one slow request.
// At most one per bucket and scrape: with prom-client a sample with an exemplar costs twice as much, and a scrape shows only the last one.

import { Histogram, type OpenMetricsContentType, type Registry } from 'prom-client';

export type OpenMetricsRegistry = Registry<OpenMetricsContentType>;

/** trace-context.ts has it. */
export type CurrentTrace = () => { readonly traceId: string } | undefined;

type Labels = Readonly<Record<string, string>>;
type Options = {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** Upper limits, ascending. */
  readonly buckets: readonly number[];
  readonly registers: OpenMetricsRegistry[];
  readonly currentTrace: CurrentTrace;
};

/** The samples of one combination of labels. */
export type Samples = { observe(value: number): void };

export type TracedHistogram = {
  labels(labels: Labels): Samples;
  /** Makes the series of a combination, with 0. */
  zero(labels: Labels): void;
};

export const makeTracedHistogram = ({ currentTrace, buckets, ...options }: Options): TracedHistogram => {
  let scrapes = 0;
  const histogram = new Histogram({
    ...options,
    buckets: [...buckets],
    enableExemplars: true,
    collect: () => {
      scrapes += 1;
    },
  });
  const limits = [...buckets, Number.POSITIVE_INFINITY];

  return {
    labels: (labels) => {
      const samples = histogram.labels(labels);
      /** By bucket: during which scrape it got its exemplar. */
      const exemplarAt = new Map<number, number>();
      return {
        observe: (value) => {
          const bucket = limits.findIndex((limit) => value <= limit);
          const trace = exemplarAt.get(bucket) === scrapes ? undefined : currentTrace();
          if (trace === undefined) {
            samples.observe(value);
            return;
          }
          exemplarAt.set(bucket, scrapes);
          histogram.observe({ labels, value, exemplarLabels: { trace_id: trace.traceId } });
        },
      };
    },
    zero: (labels) => {
      histogram.zero(labels);
    },
  };
};
