import type { RelayTelemetry } from '../outbox/ports.ts';
import type { Log } from './log-fields.ts';
import type { Metrics } from './metrics/metrics.ts';

/** Metrics and log lines of the relay. An interruption is logged at its first attempt and then at every tenth. */
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
    logger.error(details, 'event can not be published, parked');
  },
  leading: ({ shard, leads }) => {
    metrics.outboxLeader.set({ shard }, leads ? 1 : 0);
    logger.info({ shard, state: leads ? 'leading' : 'standby' }, 'outbox leadership changed');
  },
  interrupted: (details) => {
    metrics.outboxInterruptions.inc();
    if (details.attempt % 10 === 1) logger.warn(details, 'publishing failed, retrying');
  },
});
