// What an exporter sends instead of being scraped: what was counted since the last reading, and the present values of gauges.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MetricValue } from 'prom-client';

import type { Metrics } from './metrics.ts';
import { makeReservoir, type Reservoir } from './reservoir.ts';
import type { OpenMetricsRegistry } from './traced-histogram.ts';

export type Labels = Readonly<Record<string, string>>;

export type Sample = {
  /** The name that PromQL queries; of a histogram without `_bucket`, `_sum` and `_count`. */
  readonly metric: string;
  /** Of a histogram only. A bucket has the label `le` and is cumulative: it counts every value up to that limit. */
  readonly part?: 'bucket' | 'sum' | 'count';
  /** Without `service`, `env` and `version`. */
  readonly labels: Labels;
  readonly value: number;
};

export type Distribution = {
  readonly metric: string;
  readonly labels: Labels;
  readonly values: readonly number[];
};

export type Samples = {
  /** Of counters and histograms: the increment since the last reading, at the first one since the start of the process. */
  readonly counts: readonly Sample[];
  readonly gauges: readonly Sample[];
  /** The values themselves, of the histograms that have a reservoir. */
  readonly distributions: readonly Distribution[];
  /** How many series there were above `maxSeries`; they are in none of the lists. */
  readonly skipped: number;
};

type Options = {
  readonly registry: Pick<OpenMetricsRegistry, 'getMetricsAsArray'>;
  /** The metrics to read. */
  readonly names: Iterable<string>;
  /** By metric. */
  readonly reservoirs?: ReadonlyMap<string, Reservoir>;
  /** Bounds the memory for what has been read already. Default: 5,000. */
  readonly maxSeries?: number;
};

/** What prom-client's types don't say of a metric: its type is a text, and a sample of a histogram has a name of its own. */
type Readable = {
  readonly name: string;
  readonly type: string;
  get(): Promise<{ readonly values: readonly (MetricValue<string> & { readonly metricName?: string })[] }>;
};

/** A registry of the OpenMetrics type removes the suffix from the name of a counter when it is scraped. */
const nameOf = ({ name, type }: Readable): string =>
  type === 'counter' && !name.endsWith('_total') ? `${name}_total` : name;

const PARTS: ReadonlyMap<string, Sample['part']> = new Map([
  ['_bucket', 'bucket'],
  ['_sum', 'sum'],
  ['_count', 'count'],
]);

const partOf = (metric: string, metricName = metric): Pick<Sample, 'part'> => {
  const part = PARTS.get(metricName.slice(metric.length));
  return part === undefined ? {} : { part };
};

/** One text per series. */
export const seriesKey = (name: string, labels: Labels): string => {
  let key = name;
  for (const [label, value] of Object.entries(labels)) key += `\n${label}=${value}`;
  return key;
};

/** Each reader has its own deltas: several exporters don't take counts from each other. */
export const makeRegistryDeltas = ({ registry, reservoirs = new Map(), maxSeries = 5000, ...options }: Options) => {
  const names = new Set(options.names);
  const counted = new Map<string, number>();

  /** At most `maxSeries`, always the same ones, and how many there are. */
  const samplesOf = async (metric: Readable): Promise<{ samples: Sample[]; total: number }> => {
    const { values } = await metric.get(); // sets gauges of other metrics as well, so it must not depend on the name
    const name = nameOf(metric);
    if (!names.has(name) || reservoirs.has(name)) return { samples: [], total: 0 };
    const samples = values.slice(0, maxSeries).map(({ metricName, labels, value }) => ({
      metric: name,
      ...partOf(name, metricName),
      labels: Object.fromEntries(Object.entries(labels).map(([label, text]) => [label, String(text)])),
      value,
    }));
    return { samples, total: values.length };
  };

  const isKnown = (key: string): boolean => counted.has(key) || counted.size < maxSeries;

  /** Of a counter or a histogram. Undefined when there are too many series. */
  const increment = (sample: Sample): Sample | undefined => {
    const key = seriesKey(`${sample.metric} ${sample.part ?? ''}`, sample.labels);
    if (!isKnown(key)) return undefined;
    const before = counted.get(key) ?? 0;
    counted.set(key, sample.value);
    return { ...sample, value: sample.value - before };
  };

  const incrementsOf = (samples: readonly Sample[]): Sample[] =>
    samples.map(increment).filter((sample) => sample !== undefined);

  const takeDistributions = (): Distribution[] =>
    [...reservoirs].flatMap(([metric, reservoir]) => reservoir.take().map((taken) => ({ metric, ...taken })));

  return {
    /** Call it again only after the promise is settled. Each metric is read in its own turn of the event loop. */
    readSamples: async (): Promise<Samples> => {
      const counts: Sample[] = [];
      const gauges: Sample[] = [];
      let skipped = 0;
      for (const metric of registry.getMetricsAsArray() as unknown as readonly Readable[]) {
        await nextTurn();
        const { samples, total } = await samplesOf(metric);
        const isGauge = metric.type === 'gauge';
        const read = isGauge ? samples : incrementsOf(samples);
        (isGauge ? gauges : counts).push(...read);
        skipped += total - read.length;
      }
      return { counts, gauges, distributions: takeDistributions(), skipped };
    },
  };
};

/** Values per status of an order and interval: 1,000 orders a second at 10 s. */
const MAX_VALUES = 10_000;

/** What an exporter of the service reads: increments, and the values themselves of order processing times. */
export const makeServiceDeltas = ({
  metrics,
  ...options
}: { readonly metrics: Metrics } & Pick<Options, 'names' | 'maxSeries'>) => {
  const reservoir = makeReservoir({ capacity: MAX_VALUES });
  metrics.orderProcessingSeconds.watch(reservoir.observe);
  const reservoirs = new Map([['order_processing_time_seconds', reservoir]]);
  return makeRegistryDeltas({ ...options, registry: metrics.registry, reservoirs });
};
