// Pushes the metrics of this process to Datadog, for where no agent runs. Reads the registry that a scrape reads, adds nothing to a request, and
// whatever the intake does, keeps a bounded amount of memory. docs/datadog.md

import { withDeadline } from '../../resilience/deadline.ts';
import { makeRepeat } from '../../resilience/repeat.ts';
import type { Log } from '../log-fields.ts';
import { makeBodyQueue } from './body-queue.ts';
import { DISTRIBUTIONS_PATH, makeBodies, SERIES_PATH } from './datadog-bodies.ts';
import { makeDatadogIntake } from './datadog-intake.ts';
import { DATADOG_METRICS } from './datadog-names.ts';
import { makeDatadogSender } from './datadog-sender.ts';
import { keyOf, makeSeries } from './datadog-series.ts';
import { makeExporterHealth } from './exporter-health.ts';
import type { Metrics } from './metrics.ts';
import { makeServiceDeltas } from './registry-deltas.ts';

export const DATADOG_EXPORTER = 'datadog';

export type DatadogPushOptions = {
  readonly metrics: Metrics;
  readonly logger: Pick<Log, 'info' | 'warn'>;
  readonly service: string;
  readonly env: string;
  readonly version: string;
  /** Each process needs one of its own: points of two processes with the same tags and the same host replace each other. */
  readonly host: string;
  readonly url: string;
  readonly apiKey: () => string;
  readonly intervalMs: number;
  /** Of a request. */
  readonly timeoutMs?: number;
  readonly maxQueueBytes?: number;
  readonly maxSeries?: number;
  readonly backoff?: { readonly firstMs: number; readonly maxMs: number };
  readonly nowSeconds?: () => number;
};

/** For the last flush, in all. */
const CLOSE_TIMEOUT_MS = 1500;
/** An hour of the most series that a process may have, read every 10 s. Datadog takes no older points. */
const QUEUE = { maxBytes: 8_000_000, maxPoints: 600_000, maxAgeSeconds: 3600 };
const LONGEST_LEAD_SECONDS = 300;

/** Whole seconds, never the same twice: the second point of a series within a second replaces the first. */
const makeTimestamps = (nowSeconds: () => number) => {
  let last = 0;
  return (): number => {
    const now = Math.floor(nowSeconds());
    last = now > last || last - now > LONGEST_LEAD_SECONDS ? now : last + 1;
    return last;
  };
};

/** Starts at once. `close` sends what has been counted since the last interval, never rejects, and takes 1.5 s at most. */
export const startDatadogPush = ({ metrics, logger, apiKey, ...options }: DatadogPushOptions) => {
  const { url, timeoutMs = 5000, backoff = { firstMs: 1000, maxMs: 60_000 }, intervalMs } = options;
  const { nowSeconds = () => Date.now() / 1000, maxSeries = 5000, maxQueueBytes = QUEUE.maxBytes } = options;
  const dependency = DATADOG_EXPORTER;
  const deltas = makeServiceDeltas({ metrics, names: DATADOG_METRICS.keys(), maxSeries });
  const health = makeExporterHealth({ exporter: DATADOG_EXPORTER, logger, metrics });
  const queue = makeBodyQueue({ ...QUEUE, maxBytes: maxQueueBytes }, { onDropped: health.dropped, nowSeconds });
  const reportedMetrics = new Set<string>();
  const sender = makeDatadogSender({
    queue,
    intake: makeDatadogIntake({ url, key: apiKey, timeoutMs }),
    health,
    apiKey,
    backoff,
    onRefusedSeries: (metric) => {
      if (!reportedMetrics.has(metric)) logger.warn({ dependency, reason: metric }, 'a metric is refused and not sent');
      reportedMetrics.add(metric);
    },
  });
  const toSeries = makeSeries(options);
  const nextTimestamp = makeTimestamps(nowSeconds);
  const interval = Math.max(1, Math.round(intervalMs / 1000));
  let isSkipping = false;

  const reportSkipped = (count: number): void => {
    if (count > 0 && !isSkipping) logger.warn({ dependency, count }, 'there are too many series, some are not sent');
    isSkipping = count > 0;
    health.dropped(count);
  };
  const collect = async (): Promise<void> => {
    const samples = await deltas.readSamples();
    const timestamp = nextTimestamp();
    const isWanted = (item: { metric: string; tags: readonly string[] }): boolean => !sender.refuses(keyOf(item));
    const series = toSeries.series(samples, { timestamp, interval }).filter(isWanted);
    const distributions = toSeries.distributions(samples, { timestamp, interval }).filter(isWanted);
    queue.add(await makeBodies(SERIES_PATH, series, timestamp));
    queue.add(await makeBodies(DISTRIBUTIONS_PATH, distributions, timestamp));
    reportSkipped(samples.skipped);
  };
  const push = async (): Promise<void> => {
    await collect();
    sender.wake();
  };
  const onError = (): void => {
    health.failed({ reason: 'metrics can not be read' });
  };
  const repeat = makeRepeat({ everyMs: intervalMs, work: push, onError });
  repeat.start();

  const flush = async (): Promise<void> => {
    await repeat.close();
    await collect();
    await sender.finish();
  };
  return {
    close: async (): Promise<void> => {
      await withDeadline(CLOSE_TIMEOUT_MS, flush()).catch(() => undefined);
      await sender.end();
      const count = queue.points();
      if (count > 0) logger.warn({ dependency, count }, 'the last metrics were not delivered');
    },
  };
};
