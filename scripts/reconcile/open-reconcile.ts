// The connections of `npm run restore -- reconcile`, with the settings of api and worker.

import { makeEventCodec } from '../../src/avro/codec.ts';
import { makeSchemaRegistry } from '../../src/avro/schema-registry.ts';
import { EVENTS_DIRECTORY, loadEventSchemas } from '../../src/avro/schemas.ts';
import { environment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { makeKafkajs } from '../../src/kafka/kafkajs/client.ts';
import { makePool } from '../../src/postgres/pool.ts';
import { connectIfIdle, makeRedis } from '../../src/redis/client.ts';
import { makeReport } from '../backup/backup-error.ts';
import { reconcile, type ReconcileOptions } from './reconcile.ts';

/** Ending a million sessions is one statement. */
const STATEMENT_TIMEOUT_MS = 600_000;
const REDIS_TIMEOUT_MS = 10_000;

const noop = (): void => undefined;
/** An error is reported once, at the end. */
const QUIET = { debug: noop, info: noop, warn: noop, error: noop, fatal: noop };

type Choices = Pick<ReconcileOptions, 'since' | 'keepSessions' | 'dryRun' | 'yes'>;

export const runReconcile = async (choices: Choices): Promise<void> => {
  const config = loadConfig(environment(), ['postgres', 'redis', 'kafka', 'consumers', 'schemaRegistry']);
  const schemas = await loadEventSchemas(EVENTS_DIRECTORY);
  const connection = {
    ...config.postgres,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    applicationName: 'user-service-reconcile',
  };
  const pool = makePool({ ...connection, max: 2, onError: noop });
  const redis = makeRedis({ ...config.redis, commandTimeoutMs: REDIS_TIMEOUT_MS, onError: noop });
  try {
    await connectIfIdle(redis);
    await reconcile({
      ...choices,
      pool,
      redis,
      keyPrefix: config.redis.keyPrefix,
      kafka: makeKafkajs({ ...config.kafka, logger: QUIET }),
      group: config.consumers.group,
      decode: makeEventCodec({ schemas, registry: makeSchemaRegistry({ ...config.schemaRegistry, schemas }) }).decode,
      report: makeReport(),
    });
  } finally {
    redis.disconnect();
    await pool.end();
  }
};
