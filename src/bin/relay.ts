// The process that brings events from the outbox to Kafka. Several may run: each shard has one leader, the others stand by.

import { environment } from '../config/environment.ts';
import { makeFoundation } from './foundation.ts';
import { loadConfigOrExit } from './load-config-or-exit.ts';
import { openKafka } from './open-kafka.ts';
import { openManagement } from './open-management.ts';
import { openPostgres } from './open-postgres.ts';
import { runRelay } from './run-relay.ts';

const rooms = ['log', 'management', 'postgres', 'kafka', 'schemaRegistry', 'outbox', 'lifecycle'] as const;
const config = loadConfigOrExit(environment(), rooms);
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
