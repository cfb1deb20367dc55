// The process that publishes the events of the outbox to Kafka. Several may run: each shard has one leader, the others are on standby.

import { makeFoundation } from '../composition/foundation.ts';
import { loadConfigOrExit } from '../composition/load-config-or-exit.ts';
import { openKafka } from '../composition/open-kafka.ts';
import { openManagement } from '../composition/open-management.ts';
import { openPostgres } from '../composition/open-postgres.ts';
import { runRelay } from '../composition/run-relay.ts';
import { environment } from '../config/environment.ts';

const sections = ['log', 'management', 'postgres', 'kafka', 'schemaRegistry', 'outbox', 'lifecycle'] as const;
const config = loadConfigOrExit(environment(), sections);
const foundation = makeFoundation(config);
const { logger, lifecycle } = foundation;

const postgres = openPostgres({ ...foundation, config, role: 'relay', extra: Number(config.outbox.shards) });
const kafka = await openKafka({ ...foundation, config });
const managementUrl = await openManagement({ ...foundation, config, checks: [postgres.check, ...kafka.checks] });

const publisher = kafka.client.publisher();
lifecycle.add('publisher', () => publisher.close());
runRelay({ ...foundation, ...postgres, config: config.outbox, encode: kafka.codec.encode, publisher });
lifecycle.ready();
logger.info({ managementUrl }, 'relay is running');
