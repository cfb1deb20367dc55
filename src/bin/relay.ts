// The process that publishes the events of the outbox to Kafka. Several may run: each shard has one leader, the others are on standby.

import { makeFoundation } from '../composition/foundation.ts';
import { loadConfigOrExit } from '../composition/load-config-or-exit.ts';
import { openKafka } from '../composition/open-kafka.ts';
import { openManagement } from '../composition/operations/open-management.ts';
import { openPostgres } from '../composition/open-postgres.ts';
import { runRelay } from '../composition/run-relay.ts';
import { environment } from '../config/environment.ts';

const sections = [
  'log',
  'audit',
  'telemetry',
  'management',
  'postgres',
  'kafka',
  'schemaRegistry',
  'outbox',
  'lifecycle',
  'faults',
] as const;
const config = loadConfigOrExit(environment(), sections);
const foundation = makeFoundation(config, { receivesTraffic: false });
const { logger, lifecycle } = foundation;

const postgres = openPostgres({ ...foundation, config, role: 'relay', extra: Number(config.outbox.shards) });
const kafka = await openKafka({ ...foundation, config });
const { url, readiness } = await openManagement({
  ...foundation,
  config,
  checks: [...postgres.checks, ...kafka.checks],
});

const { encode } = kafka.codec;
runRelay({ ...foundation, ...postgres, config, readiness, encode, makePublisher: kafka.client.publisher });
lifecycle.ready();
logger.info({ managementUrl: url }, 'relay has started');
