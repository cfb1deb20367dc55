// What relay and worker need around them: PostgreSQL with the tables, a Kafka of their own, topics; all of it ends with the run.

import { makeTestTopics } from '../test/support/test-topics.ts';
import { startNativeKafka } from '../test/support/native/kafka.ts';
import { makeKafkaClient } from '../src/kafka/kafka-client.ts';
import { EVENTS_DIRECTORY, loadEventSchemas } from '../src/avro/schemas.ts';
import { makeEventCodec } from '../src/avro/codec.ts';
import { makeMemorySchemaIds } from '../src/embedded/memory-schema-ids.ts';
import { makePool } from '../src/postgres/pool.ts';
import { startDependencies } from './dependencies.ts';

const noLine = (): void => undefined;
const QUIET = { debug: noLine, info: noLine, warn: noLine, error: noLine, fatal: noLine };

export const KAFKA = {
  client: 'kafkajs',
  clientId: 'bench',
  tls: false,
  connectTimeoutMs: 3000,
  requestTimeoutMs: 10_000,
  sendTimeoutMs: 30_000,
  logger: QUIET,
} as const;

/** @param topics are made with three partitions each */
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
    tlsCaFile: '',
    applicationName: 'bench',
    connectTimeoutMs: 5000,
    statementTimeoutMs: 60_000,
    lockTimeoutMs: 5000,
    idleInTransactionTimeoutMs: 60_000,
  };
  const pool = makePool({ ...connection, max: 10, onError: noLine });
  for (const topic of topics) await makeTestTopics(kafka.brokers).open(topic, { partitions: 3 });
  const schemas = await loadEventSchemas(EVENTS_DIRECTORY);
  const client = await makeKafkaClient({ ...KAFKA, brokers: kafka.brokers });
  return {
    pool,
    connection,
    client,
    brokers: kafka.brokers,
    // ids are known after the first event, with a registry as without one
    codec: makeEventCodec({ schemas, registry: makeMemorySchemaIds(schemas) }),
    stop: async (): Promise<void> => {
      await pool.end();
      await client.close();
      await Promise.all([stores.stop(), kafka.close()]);
    },
  };
};

export type EventDependencies = Awaited<ReturnType<typeof startEventDependencies>>;
