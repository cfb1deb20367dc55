// The dependencies of relay and worker: a migrated PostgreSQL, their own Kafka, and topics. All are stopped after the run.

import { makeTestTopics } from '../test/support/test-topics.ts';
import { startNativeKafka } from '../test/support/native/kafka.ts';
import { makeKafkaClient } from '../src/kafka/kafka-client.ts';
import { EVENTS_DIRECTORY, loadEventSchemas } from '../src/avro/schemas.ts';
import { makeEventCodec } from '../src/avro/codec.ts';
import { makeMemorySchemaIds } from '../src/embedded/memory/schema-ids.ts';
import { makePool } from '../src/postgres/pool.ts';
import { startDependencies } from './dependencies.ts';

const noop = (): void => undefined;
const SILENT_LOGGER = { debug: noop, info: noop, warn: noop, error: noop, fatal: noop };

export const KAFKA = {
  client: 'kafkajs',
  clientId: 'bench',
  tls: false,
  connectTimeoutMs: 3000,
  requestTimeoutMs: 10_000,
  sendTimeoutMs: 30_000,
  logger: SILENT_LOGGER,
} as const;

/** @param topics created with three partitions each */
export const startEventDependencies = async (topics: readonly string[]) => {
  const [stores, kafka] = await Promise.all([startDependencies(), startNativeKafka()]);
  const { env } = stores;
  const connection = {
    host: env.POSTGRES_HOST,
    port: Number(env.POSTGRES_PORT),
    database: env.POSTGRES_DATABASE,
    user: env.POSTGRES_USER,
    password: () => env.POSTGRES_PASSWORD,
    tls: 'disable' as const,
    applicationName: 'bench',
    connectTimeoutMs: 5000,
    statementTimeoutMs: 60_000,
    lockTimeoutMs: 5000,
    idleInTransactionTimeoutMs: 60_000,
  };
  const pool = makePool({ ...connection, max: 10, onError: noop });
  for (const topic of topics) await makeTestTopics(kafka.brokers).open(topic, { partitions: 3 });
  const schemas = await loadEventSchemas(EVENTS_DIRECTORY);
  const client = await makeKafkaClient({ ...KAFKA, brokers: kafka.brokers });
  return {
    pool,
    connection,
    admin: stores.admin,
    client,
    brokers: kafka.brokers,
    // schema ids are cached after the first event, so a real registry would not change the result
    codec: makeEventCodec({ schemas, registry: makeMemorySchemaIds(schemas) }),
    stop: async (): Promise<void> => {
      await pool.end();
      await client.close();
      await Promise.all([stores.stop(), kafka.close()]);
    },
  };
};

export type EventDependencies = Awaited<ReturnType<typeof startEventDependencies>>;
