// The process that consumes events from Kafka and decides orders. Several may run: they share the partitions of the consumer group.

import { makeFoundation } from '../composition/foundation.ts';
import { loadConfigOrExit } from '../composition/load-config-or-exit.ts';
import { openKafka } from '../composition/open-kafka.ts';
import { openFlags } from '../composition/operations/open-flags.ts';
import { openManagement } from '../composition/operations/open-management.ts';
import { openPostgres } from '../composition/open-postgres.ts';
import { runWorker } from '../composition/run-worker.ts';
import { environment } from '../config/environment.ts';

const sections = ['log', 'audit', 'telemetry', 'management', 'postgres', 'kafka', 'schemaRegistry'] as const;
const config = loadConfigOrExit(environment(), [
  ...sections,
  ...(['consumers', 'payments', 'featureFlags', 'lifecycle', 'faults'] as const),
]);
const foundation = makeFoundation(config, { receivesTraffic: false });
const { logger, lifecycle } = foundation;

const postgres = openPostgres({ ...foundation, config, role: 'worker' });
const { flags, checks: flagChecks } = await openFlags({ ...foundation, config });
const kafka = await openKafka({ ...foundation, config });
const { url, readiness } = await openManagement({
  ...foundation,
  config,
  checks: [...postgres.checks, ...kafka.checks, ...flagChecks],
});

const makeSubscriber = () =>
  kafka.client.subscriber({
    group: config.consumers.group,
    sessionTimeoutMs: config.consumers.sessionTimeoutMs,
    onCrash: (err) => {
      logger.fatal({ err }, 'consumer ended');
      void lifecycle.shutDown('consumer ended', 1);
    },
  });
const { decode } = kafka.codec;
const makePublisher = kafka.client.publisher;
runWorker({ ...foundation, config, pool: postgres.pool, flags, readiness, decode, makePublisher, makeSubscriber });
lifecycle.ready();
logger.info({ managementUrl: url }, 'worker has started');
