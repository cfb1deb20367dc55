// The histogram of HTTP requests. A combination of labels is one of thousands that are possible, of which a process sees a few dozen. Only so many
// are kept apart, so that its series are bounded whatever its callers do: docs/telemetry.md has the budget.

import { makeTracedHistogram, type CurrentTrace, type OpenMetricsRegistry, type Samples } from './traced-histogram.ts';

/** Where the cached read of a user got its answer; none for every other request, and for one that ended before the look-up. */
export type CacheLabel = 'hit' | 'miss' | 'none';

export type RequestLabels = {
  readonly method: string;
  /** A pattern of the router, never a path. */
  readonly route: string;
  readonly status: string;
  readonly cache: CacheLabel;
};

/** Seconds. The objectives are limits of buckets: 8 ms for a cached read, 20 ms for another, 0.5 s for a sign-in. The request timeout is 2 s. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.008, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

const MOST_COMBINATIONS = 80;

/** For combinations beyond those that are kept apart: four at most. */
const toOther = ({ status }: RequestLabels): RequestLabels => ({
  method: 'OTHER',
  route: 'other',
  status: `${status.slice(0, 1)}xx`,
  cache: 'none',
});

const keyOf = ({ method, route, status, cache }: RequestLabels): string => `${method} ${route} ${status} ${cache}`;

type Deps = { readonly registers: OpenMetricsRegistry[]; readonly currentTrace: CurrentTrace };

export const makeRequestHistogram = (deps: Deps) => {
  const histogram = makeTracedHistogram({
    ...deps,
    name: 'http_request_duration_seconds',
    help: 'Duration of HTTP requests by method, route pattern, status, and where the cached read of a user got its answer',
    labelNames: ['method', 'route', 'status', 'cache'],
    buckets: BUCKETS,
  });
  const kept = new Map<string, Samples>();
  const others = new Map<string, Samples>();

  const samplesIn = (map: Map<string, Samples>, labels: RequestLabels): Samples => {
    const key = keyOf(labels);
    const samples = map.get(key) ?? histogram.labels(labels);
    map.set(key, samples);
    return samples;
  };
  const labels = (combination: RequestLabels): Samples =>
    kept.has(keyOf(combination)) || kept.size < MOST_COMBINATIONS
      ? samplesIn(kept, combination)
      : samplesIn(others, toOther(combination));

  return {
    labels,
    /** Makes the series of a combination, with 0, unless it would be one too many. */
    zero: (combination: RequestLabels): void => {
      if (kept.size >= MOST_COMBINATIONS) return;
      samplesIn(kept, combination);
      histogram.zero(combination);
    },
  };
};

export type RequestHistogram = ReturnType<typeof makeRequestHistogram>;
