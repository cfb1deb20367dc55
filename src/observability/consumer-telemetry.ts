import type { ConsumerTelemetry } from '../consumers/ports.ts';
import type { Log } from './log-fields.ts';
import type { Metrics } from './metrics.ts';

/** The consumer's part of business-events.ts. */
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
    logger.warn(details, 'event handler failed and is called again');
  },
  deadLettered: (details) => {
    metrics.eventsConsumed.inc({ topic: details.topic, result: 'dead-lettered' });
    logger.error(details, 'event set aside as a dead letter');
  },
});
