// What processes of the service need beside their database: a Kafka of their own with the topics, the schemas, and settings for much load.

import { inject } from 'vitest';

import { makeEventCodec } from '../../src/avro/codec.ts';
import { registerSchemas } from '../../src/avro/register-schemas.ts';
import { makeSchemaRegistry } from '../../src/avro/schema-registry.ts';
import { EVENTS_DIRECTORY, loadEventSchemas } from '../../src/avro/schemas.ts';
import { TOPICS } from '../../src/messaging/event-topics.ts';
import { startNativeKafka } from './native/kafka.ts';
import { PATIENCE } from './patience.ts';
import { makeTestTopics } from './test-topics.ts';

/** Of the service, and their dead-letter topics. @param brokers default: the Kafka of the test run */
export const openServiceTopics = async (brokers?: readonly string[]): Promise<void> => {
  const topics = makeTestTopics(brokers);
  for (const topic of TOPICS) {
    await topics.open(topic, { partitions: 3 });
    await topics.open(`${topic}.dlq`, { partitions: 3 });
  }
};

/** It can be stopped and restarted, unlike the Kafka of the test run. */
export const startServiceKafka = async () => {
  const kafka = await startNativeKafka();
  await openServiceTopics(kafka.brokers);
  return kafka;
};

/** Registers the schemas in the registry of the test run. */
export const makeServiceCodec = async () => {
  const schemas = await loadEventSchemas(EVENTS_DIRECTORY);
  const settings = { url: inject('registry').url, username: '', timeoutMs: 5000, schemas };
  await registerSchemas({ ...settings, report: () => undefined });
  return makeEventCodec({ schemas, registry: makeSchemaRegistry(settings) });
};

/** Without limits and with cheap password hashes: the load comes from one address. */
export const UNDER_LOAD = {
  ...PATIENCE,
  DD_ENV: 'test',
  DD_TRACE_ENABLED: 'false',
  LOG_LEVEL: 'warn',
  HTTP_HOST: '127.0.0.1',
  HTTP_MANAGEMENT_HOST: '127.0.0.1',
  HTTP_RATE_LIMIT_PER_SECOND: '100000',
  HTTP_RATE_LIMIT_BURST: '100000',
  HTTP_STRICT_LIMIT_PER_MINUTE: '100000',
  AUTH_ARGON2_MEMORY_KIB: '1024',
  AUTH_ARGON2_PASSES: '1',
  LIFECYCLE_DRAIN_DELAY_MS: '0',
};
