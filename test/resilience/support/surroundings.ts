// What the processes of a run stand on: a database of their own, a Kafka of their own with its topics, the run's Redis and registry.

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';

import { newSigningKey } from '../../../src/auth/new-signing-key.ts';
import { makeEventCodec } from '../../../src/kafka/event-codec.ts';
import { EVENTS_DIRECTORY, loadEventSchemas } from '../../../src/kafka/event-schemas.ts';
import { registerSchemas } from '../../../src/kafka/register-schemas.ts';
import { makeSchemaRegistry } from '../../../src/kafka/schema-registry.ts';
import { EVENT_TOPICS } from '../../../src/outbox/event-topics.ts';
import { startNativeKafka } from '../../support/kafka/native-kafka.ts';
import { makeTestDatabase } from '../../support/test-database.ts';
import { makeTestRedis } from '../../support/test-redis.ts';
import { makeTestTopics } from '../../support/test-topics.ts';

export const makeSurroundings = async () => {
  const [database, kafka] = await Promise.all([makeTestDatabase(), startNativeKafka()]);
  const redis = makeTestRedis();
  const secrets = await mkdtemp(join(tmpdir(), 'user-service-secrets-'));
  await writeFile(join(secrets, 'postgres_password'), database.appPassword);
  await writeFile(join(secrets, 'auth_signing_keys'), JSON.stringify({ keys: [await newSigningKey()] }));

  const topics = makeTestTopics(kafka.brokers);
  for (const topic of new Set(Object.values(EVENT_TOPICS))) {
    await topics.open(topic, { partitions: 3 });
    await topics.open(`${topic}.dlq`, { partitions: 3 });
  }
  const schemas = await loadEventSchemas(EVENTS_DIRECTORY);
  const settings = { url: inject('registry').url, username: '', timeoutMs: 5000, schemas };
  await registerSchemas({ ...settings, report: () => undefined });
  const pool = new pg.Pool({ connectionString: database.adminUrl, max: 4 });
  pool.on('error', () => undefined);

  return {
    database,
    kafka,
    pool,
    codec: makeEventCodec({ schemas, registry: makeSchemaRegistry(settings) }),
    env: {
      DD_ENV: 'test',
      DD_TRACE_ENABLED: 'false',
      SECRETS_DIR: secrets,
      LOG_LEVEL: 'warn',
      HTTP_HOST: '127.0.0.1',
      HTTP_MANAGEMENT_HOST: '127.0.0.1',
      HTTP_RATE_LIMIT_PER_SECOND: '100000',
      HTTP_RATE_LIMIT_BURST: '100000',
      HTTP_STRICT_LIMIT_PER_MINUTE: '100000',
      AUTH_ARGON2_MEMORY_KIB: '1024',
      AUTH_ARGON2_PASSES: '1',
      AUTH_HASH_QUEUE: '1000',
      POSTGRES_HOST: database.host,
      POSTGRES_PORT: String(database.port),
      POSTGRES_DATABASE: database.database,
      POSTGRES_USER: database.appUser,
      REDIS_HOST: redis.host,
      REDIS_PORT: String(redis.port),
      REDIS_KEY_PREFIX: redis.keyPrefix,
      KAFKA_BROKERS: kafka.brokers.join(','),
      SCHEMA_REGISTRY_URL: inject('registry').url,
      CONSUMERS_GROUP: `worker-${randomUUID()}`,
      CONSUMERS_SESSION_TIMEOUT_MS: '6000',
      PAYMENTS_DELAY_MS: '0',
      LIFECYCLE_DRAIN_DELAY_MS: '0',
    },
    close: async (): Promise<void> => {
      await pool.end();
      await Promise.all([kafka.close(), database.drop(), rm(secrets, { recursive: true })]);
    },
  };
};

export type Surroundings = Awaited<ReturnType<typeof makeSurroundings>>;
