// Values of series in the notation of promtool: https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series

/** Minutes, and the increase in each of them. */
export type Phase = readonly [minutes: number, perMinute: number];

const SCRAPES_PER_MINUTE = 6;

/** A counter that is scraped every 10 s, or every minute. */
export const counter = (phases: readonly Phase[], scrapesPerMinute = SCRAPES_PER_MINUTE): string => {
  let value = 0;
  const parts = phases.map(([minutes, perMinute]) => {
    const step = perMinute / scrapesPerMinute;
    const scrapes = minutes * scrapesPerMinute;
    const part = `${value}+${step}x${scrapes - 1}`;
    value += step * scrapes;
    return part;
  });
  return parts.join(' ');
};

/** A gauge that is scraped every 10 s. `_` means absent. */
export const gauge = (...phases: readonly (readonly [minutes: number, value: number | '_'])[]): string =>
  phases
    .map(([minutes, value]) => {
      const scrapes = minutes * SCRAPES_PER_MINUTE;
      return value === '_' ? `_x${scrapes}` : `${value}x${scrapes - 1}`;
    })
    .join(' ');

type Labels = Readonly<Record<string, string>>;

export const seriesOf = (name: string, labels: Labels): string =>
  `${name}{${Object.entries({ service: 'user-service', env: 'compose', ...labels })
    .map(([label, value]) => `${label}="${value}"`)
    .join(',')}}`;

const REQUEST: Labels = {
  ...{ job: 'api', instance: 'api:8081' },
  ...{ method: 'GET', route: '/api/v1/users/:id', status: '200', cache: 'none' },
};

/** The number of requests. */
export const requests = (labels: Labels, phases: readonly Phase[], scrapesPerMinute?: number) => ({
  [seriesOf('http_request_duration_seconds_count', { ...REQUEST, ...labels })]: counter(phases, scrapesPerMinute),
});

/** The buckets around a limit: `fast` requests are within it, the rest is above. */
export const durations = (
  labels: Labels,
  { all, fast, le }: { readonly all: readonly Phase[]; readonly fast: readonly Phase[]; readonly le: string },
) => {
  const bucket = (limit: string, phases: readonly Phase[]) => ({
    [seriesOf('http_request_duration_seconds_bucket', { ...REQUEST, ...labels, le: limit })]: counter(phases),
  });
  const none: Phase[] = [[all.reduce((sum, [minutes]) => sum + minutes, 0), 0]];
  return { ...requests(labels, all), ...bucket('0.0025', none), ...bucket(le, fast), ...bucket('2.5', all) };
};
