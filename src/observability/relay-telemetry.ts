import type { RelayTelemetry } from '../outbox/ports.ts';
import type { Log } from './log-fields.ts';
import type { Metrics } from './metrics.ts';

/** The relay's part of business-events.ts. An interruption is told at its first attempt and then at every tenth. */
export const makeRelayTelemetry = ({
  logger,
  metrics,
}: {
  readonly logger: Log;
  readonly metrics: Metrics;
}): RelayTelemetry => ({
  published: ({ topic, count }) => {
    metrics.outboxPublished.inc({ topic }, count);
    logger.debug({ topic, count }, 'events published');
  },
  parked: (details) => {
    logger.error(details, 'event parked, it can not be published');
  },
  leading: ({ shard, leads }) => {
    metrics.outboxLeader.set({ shard }, leads ? 1 : 0);
    logger.info({ shard, state: leads ? 'leading' : 'standby' }, 'outbox leadership changed');
  },
  interrupted: (details) => {
    metrics.outboxInterruptions.inc();
    if (details.attempt % 10 === 1) logger.warn(details, 'publishing interrupted');
  },
});
