import type { ConsumerFacts } from '../consumers/ports.ts';
import type { Log } from './log-fields.ts';
import type { Metrics } from './metrics.ts';

/** The consumer's part of business-events.ts. */
export const makeConsumerFacts = ({
  logger,
  metrics,
}: {
  readonly logger: Log;
  readonly metrics: Metrics;
}): ConsumerFacts => ({
  handled: ({ topic, eventType }) => {
    metrics.eventsConsumed.inc({ topic, result: 'handled' });
    logger.debug({ topic, eventType }, 'event handled');
  },
  skipped: ({ topic }) => {
    metrics.eventsConsumed.inc({ topic, result: 'skipped' });
  },
  retrying: (fact) => {
    metrics.eventsConsumed.inc({ topic: fact.topic, result: 'retried' });
    logger.warn(fact, 'event handler failed and is called again');
  },
  deadLettered: (fact) => {
    metrics.eventsConsumed.inc({ topic: fact.topic, result: 'dead-lettered' });
    logger.error(fact, 'event set aside as a dead letter');
  },
});
