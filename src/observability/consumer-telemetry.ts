import type { ConsumerTelemetry } from '../consumers/ports.ts';
import type { Log } from './log-fields.ts';
import type { Metrics } from './metrics/metrics.ts';

/** Metrics and log lines of the consumers. */
export const makeConsumerTelemetry = ({
  logger,
  metrics,
}: {
  readonly logger: Log;
  readonly metrics: Metrics;
}): ConsumerTelemetry => ({
  handled: ({ topic, eventType }) => {
    metrics.eventsConsumed.inc({ topic, result: 'handled' });
    logger.debug({ topic, eventType }, 'event handled');
  },
  skipped: ({ topic }) => {
    metrics.eventsConsumed.inc({ topic, result: 'skipped' });
  },
  retrying: (details) => {
    metrics.eventsConsumed.inc({ topic: details.topic, result: 'retried' });
    logger.warn(details, 'event handler failed, retrying');
  },
  deadLettered: (details) => {
    metrics.eventsConsumed.inc({ topic: details.topic, result: 'dead-lettered' });
    logger.error(details, 'event published as a dead letter');
  },
});
