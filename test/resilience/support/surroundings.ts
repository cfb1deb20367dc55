// The dependencies of the processes of a run: stores, their own Kafka with its topics, the registry of the test run.

import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';

import { makeEventCodec } from '../../../src/avro/codec.ts';
import { registerSchemas } from '../../../src/avro/register-schemas.ts';
import { makeSchemaRegistry } from '../../../src/avro/schema-registry.ts';
import { EVENTS_DIRECTORY, loadEventSchemas } from '../../../src/avro/schemas.ts';
import { TOPICS } from '../../../src/messaging/event-topics.ts';
import { startNativeKafka } from '../../support/native/kafka.ts';
import { makeTestTopics } from '../../support/test-topics.ts';
import { makeStoreSurroundings } from './store-surroundings.ts';

/** @param options migrated: false for a database without tables */
export const makeSurroundings = async (options: { readonly migrated?: boolean } = {}) => {
  const [stores, kafka] = await Promise.all([makeStoreSurroundings(options), startNativeKafka()]);
  const topics = makeTestTopics(kafka.brokers);
  for (const topic of TOPICS) {
    await topics.open(topic, { partitions: 3 });
    await topics.open(`${topic}.dlq`, { partitions: 3 });
  }
  const schemas = await loadEventSchemas(EVENTS_DIRECTORY);
  const settings = { url: inject('registry').url, username: '', timeoutMs: 5000, schemas };
  await registerSchemas({ ...settings, report: () => undefined });

  return {
    ...stores,
    kafka,
    codec: makeEventCodec({ schemas, registry: makeSchemaRegistry(settings) }),
    env: {
      ...stores.env,
      KAFKA_BROKERS: kafka.brokers.join(','),
      SCHEMA_REGISTRY_URL: inject('registry').url,
      CONSUMERS_GROUP: `worker-${randomUUID()}`,
      CONSUMERS_SESSION_TIMEOUT_MS: '6000',
      PAYMENTS_DELAY_MS: '0',
    },
    close: async (): Promise<void> => {
      await Promise.all([kafka.close(), stores.close()]);
    },
  };
};

export type Surroundings = Awaited<ReturnType<typeof makeSurroundings>>;
