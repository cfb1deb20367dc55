// Parses what a process answers to a scrape, in the OpenMetrics and in the Prometheus format, as prom-client writes them.

export type Labels = Readonly<Record<string, string>>;

export type Sample = {
  /** With `_bucket`, `_sum`, `_count` or `_total`. */
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
  /** Labels of the exemplar, e.g. `trace_id`. */
  readonly exemplar?: Labels;
};

export type Family = {
  /** As PromQL has it: a counter ends with `_total`, a histogram has no suffix. */
  readonly name: string;
  readonly type: string;
  readonly samples: readonly Sample[];
};

const LABEL = /(?<=[{,])(\w{1,64})="((?:[^"\\]|\\.)*)"/g;
const EXEMPLAR = ' # {';

const toLabels = (text: string): Labels =>
  Object.fromEntries([...text.matchAll(LABEL)].map(([, name = '', value = '']) => [name, value]));

const toSample = (line: string): Sample => {
  const at = line.lastIndexOf(EXEMPLAR);
  const sample = at === -1 ? line : line.slice(0, at);
  const space = sample.lastIndexOf(' ');
  const brace = sample.indexOf('{');
  return {
    name: sample.slice(0, brace === -1 ? space : brace),
    labels: toLabels(brace === -1 ? '' : sample.slice(brace, space)),
    value: Number(sample.slice(space + 1).replace('Inf', 'Infinity')),
    ...(at === -1 ? {} : { exemplar: toLabels(line.slice(at)) }),
  };
};

/** Families without samples are included. */
export const parseExposition = (text: string): Family[] => {
  const families: { name: string; type: string; samples: Sample[] }[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('# TYPE ')) {
      const [, , name = '', type = ''] = line.split(' ');
      const isBare = type === 'counter' && !name.endsWith('_total');
      families.push({ name: isBare ? `${name}_total` : name, type, samples: [] });
    } else if (line !== '' && !line.startsWith('#')) families.at(-1)?.samples.push(toSample(line));
  }
  return families;
};

/** Every line of a scrape that is a sample is one series. */
export const countSeries = (families: readonly Family[]): number =>
  families.reduce((sum, { samples }) => sum + samples.length, 0);

/** The sum of the series that have these labels. */
export const valueOf = (families: readonly Family[], name: string, wanted: Labels = {}): number =>
  families
    .flatMap(({ samples }) => samples)
    .filter((sample) => {
      const labels = new Map(Object.entries(sample.labels));
      return sample.name === name && Object.entries(wanted).every(([label, value]) => labels.get(label) === value);
    })
    .reduce((sum, { value }) => sum + value, 0);
