// What the two metric endpoints of Datadog get for the samples of a reading.

import { DATADOG_METRICS } from './datadog-names.ts';
import type { Labels, Sample, Samples } from './registry-deltas.ts';

const [COUNT, GAUGE] = [1, 3];

/** For `/api/v2/series`. A second point of the same series, host and second replaces the first one: sending it again counts nothing twice. */
export type Series = {
  readonly metric: string;
  readonly type: number;
  readonly interval?: number;
  readonly points: readonly [{ readonly timestamp: number; readonly value: number }];
  readonly resources: readonly { readonly type: 'host'; readonly name: string }[];
  readonly tags: readonly string[];
};

/** For `/api/v1/distribution_points`. */
export type DistributionSeries = {
  readonly metric: string;
  readonly points: readonly [readonly [timestamp: number, values: readonly number[]]];
  readonly host: string;
  readonly tags: readonly string[];
};

type Identity = { readonly service: string; readonly env: string; readonly version: string; readonly host: string };
/** Seconds since 1970, and seconds. */
type Moment = { readonly timestamp: number; readonly interval: number };

/** As the OpenMetrics check writes it, with Python's `str(float)`: `upper_bound:1.0`. */
const boundOf = (le: string): string => (/^[1-9]\d*$/.test(le) ? `${le}.0` : le);

const tagOf = ([label, value]: [string, string]): string =>
  label === 'le' ? `upper_bound:${boundOf(value)}` : `${label}:${value}`;

/** The check leaves out the last bucket too: it is the count. JSON has no NaN. */
const isSent = ({ labels, value }: Sample): boolean => labels.le !== '+Inf' && Number.isFinite(value);

const nameOf = ({ metric, part }: Pick<Sample, 'metric' | 'part'>): string => {
  const name = DATADOG_METRICS.get(metric)?.name ?? metric;
  return part === undefined ? name : `${name}.${part}`;
};

/** One text per series of Datadog. */
export const keyOf = ({ metric, tags }: Pick<Series, 'metric' | 'tags'>): string => [metric, ...tags].join('\n');

/** @param identity service, env and version become tags of everything; host is its host */
export const makeSeries = ({ host, service, env, version }: Identity) => {
  const common = Object.entries({ service, env, version }).map(tagOf);
  const tagsOf = (labels: Labels): string[] => [...common, ...Object.entries(labels).map(tagOf)];
  const resources = [{ type: 'host', name: host }] as const;
  const seriesOf = (sample: Sample, type: number, timestamp: number): Series => ({
    metric: nameOf(sample),
    type,
    points: [{ timestamp, value: sample.value }],
    resources,
    tags: tagsOf(sample.labels),
  });

  return {
    series: ({ counts, gauges }: Samples, { timestamp, interval }: Moment): Series[] => [
      ...counts.filter(isSent).map((sample) => ({ ...seriesOf(sample, COUNT, timestamp), interval })),
      ...gauges.filter(isSent).map((sample) => seriesOf(sample, GAUGE, timestamp)),
    ],
    distributions: ({ distributions }: Samples, { timestamp }: Moment): DistributionSeries[] =>
      distributions.map(({ metric, labels, values }) => ({
        metric: nameOf({ metric }),
        points: [[timestamp, values]],
        host,
        tags: tagsOf(labels),
      })),
  };
};
