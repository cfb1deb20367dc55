// Hands the metrics of the service to New Relic's agent, which sends them with its own once a minute. Names instead of labels: a metric of
// the agent has none, so that the values of labels follow the name, `Custom/sign.ins/refused`.

import { makeRepeat } from '../../resilience/repeat.ts';
import type { Log } from '../log-fields.ts';
import type { AgentExport, MetricSink, Summary } from '../trace-context.ts';
import { DATADOG_METRICS } from './datadog-names.ts';
import { makeExporterHealth } from './exporter-health.ts';
import type { Metrics } from './metrics.ts';
import { makeServiceDeltas, type Distribution, type Sample, type Samples } from './registry-deltas.ts';

export const NEW_RELIC_EXPORTER = 'newrelic';

type Options = AgentExport & {
  readonly metrics: Metrics;
  readonly logger: Pick<Log, 'info' | 'warn'>;
  readonly intervalMs?: number;
};

/** The same names as in Datadog. The agent measures requests, CPU, memory and event loop itself. */
const NAMES = [...DATADOG_METRICS].filter(
  ([name, { type }]) => type !== 'buckets' && !/^(?:process|nodejs)_/.test(name),
);

const nameOf = (metric: string): string => DATADOG_METRICS.get(metric)?.name ?? metric;
const labelledName = ({ metric, labels }: Pick<Sample, 'metric' | 'labels'>): string =>
  [nameOf(metric), ...Object.values(labels)].join('/');

const summaryOf = (values: readonly number[]): Summary => ({
  count: values.length,
  total: values.reduce((sum, value) => sum + value, 0),
  min: values.reduce((least, value) => Math.min(least, value), Infinity),
  max: values.reduce((most, value) => Math.max(most, value), -Infinity),
  sumOfSquares: values.reduce((sum, value) => sum + value * value, 0),
});

/** Under the name, and for each combination of labels under its own. */
const namesOf = (sample: Pick<Sample, 'metric' | 'labels'>): Set<string> =>
  new Set([nameOf(sample.metric), labelledName(sample)]);

const handOver = ({ counts, gauges, distributions }: Samples, sink: MetricSink): void => {
  for (const count of counts)
    if (count.value > 0) for (const name of namesOf(count)) sink.incrementMetric(name, count.value);
  for (const gauge of gauges) sink.recordMetric(labelledName(gauge), gauge.value);
  const add = (distribution: Distribution): void => {
    for (const name of namesOf(distribution)) sink.recordMetric(name, summaryOf(distribution.values));
  };
  distributions.filter(({ values }) => values.length > 0).forEach(add);
};

/** Starts at once. `close` hands over what has been counted since the last interval; the agent sends it when the traces are flushed. */
export const startNewRelicMetrics = ({ metrics, logger, sink, onDelivery, intervalMs = 10_000 }: Options) => {
  const deltas = makeServiceDeltas({ metrics, names: NAMES.map(([name]) => name) });
  const health = makeExporterHealth({ exporter: NEW_RELIC_EXPORTER, logger, metrics });
  onDelivery(({ reason, isLasting, sent, dropped }) => {
    if (dropped > 0) health.dropped(dropped);
    if (reason !== undefined) {
      health.failed({ reason, lasting: isLasting });
      return;
    }
    health.sent(sent);
    health.delivered();
  });
  const read = async (): Promise<void> => {
    handOver(await deltas.readSamples(), sink);
  };
  const onError = (): void => {
    health.failed({ reason: 'metrics can not be read' });
  };
  const repeat = makeRepeat({ everyMs: intervalMs, work: read, onError });
  repeat.start();
  return {
    close: async (): Promise<void> => {
      await repeat.close();
      await read();
    },
  };
};
