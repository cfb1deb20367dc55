// Kafka client, schema registry and codec of a process. Nothing connects before its first use: a broker that is down at the start makes the
// process unready, never a crash loop.

import { makeEventCodec } from '../avro/codec.ts';
import { makeSchemaRegistry } from '../avro/schema-registry.ts';
import { EVENTS_DIRECTORY, loadEventSchemas } from '../avro/schemas.ts';
import type { Config } from '../config/schema.ts';
import { makeKafkaClient } from '../kafka/kafka-client.ts';
import type { Check } from '../lifecycle/readiness.ts';
import type { Foundation } from './foundation.ts';

type Deps = Foundation & { readonly config: Config<'kafka' | 'schemaRegistry'> };

export const openKafka = async ({ config, logger: root, lifecycle, faults }: Deps) => {
  const logger = root.child({ logger: 'kafka' });
  const schemas = await loadEventSchemas(EVENTS_DIRECTORY);
  const beforeLookUp = faults.beforeLookUp(config.schemaRegistry);
  const registry = makeSchemaRegistry({ ...config.schemaRegistry, schemas, beforeLookUp });
  const client = await makeKafkaClient({ ...config.kafka, logger });
  lifecycle.add('kafka', () => client.close());
  const checks: Check[] = [
    { name: 'kafka', required: true, check: faults.brokerCheck(client.check, config.kafka) },
    { name: 'schema-registry', required: true, check: registry.check },
  ];
  const publisher = () => faults.publisher(client.publisher(), config.kafka);
  return { client: { ...client, publisher }, codec: makeEventCodec({ schemas, registry }), checks };
};
