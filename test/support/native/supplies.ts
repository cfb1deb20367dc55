// The servers that test projects can request, each with the key for `inject` and the three ways to get it.

import { kafkaContainer, postgresContainer, redisContainer, registryContainer } from '../docker-servers.ts';
import {
  kafkaOfEnvironment,
  postgresOfEnvironment,
  redisOfEnvironment,
  registryOfEnvironment,
} from '../environment-servers.ts';
import { nativeKafka } from './kafka.ts';
import { nativeRegistry } from './registry.ts';
import { nativePostgres } from './postgres.ts';
import { nativeRedis } from './redis.ts';
import {
  find,
  type Found,
  type KafkaServer,
  type PostgresServer,
  type Recipe,
  type RedisServer,
  type RegistryServer,
  type Running,
  type Servers,
  type Supplied,
  type Way,
} from '../servers.ts';
import { makeTemplates } from '../template-database.ts';

export type Supply = {
  [K in keyof Supplied]: {
    readonly key: K;
    readonly find: (ways: readonly Way[]) => Promise<Found<Supplied[K]>>;
  };
}[keyof Supplied];

const POSTGRES: Recipe<PostgresServer> = {
  name: 'PostgreSQL',
  ways: { env: postgresOfEnvironment, docker: postgresContainer, native: nativePostgres },
};
const REDIS: Recipe<RedisServer> = {
  name: 'Redis',
  ways: { env: redisOfEnvironment, docker: redisContainer, native: nativeRedis },
};
const KAFKA: Recipe<KafkaServer> = {
  name: 'Kafka',
  ways: { env: kafkaOfEnvironment, docker: kafkaContainer, native: nativeKafka },
};
const REGISTRY: Recipe<RegistryServer> = {
  name: 'Schema registry',
  ways: { env: registryOfEnvironment, docker: registryContainer, native: nativeRegistry },
};

/** Both stores, with the template databases. */
const join = async (postgres: Running<PostgresServer>, redis: Running<RedisServer>): Promise<Running<Servers>> => {
  const stop = async (): Promise<void> => {
    await Promise.all([postgres.stop(), redis.stop()]);
  };
  const templates = await makeTemplates(postgres.server).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    server: { postgres: postgres.server, redis: redis.server, templates: templates.names },
    stop: async () => {
      await templates.drop();
      await stop();
    },
  };
};

const findStores = async (ways: readonly Way[]): Promise<Found<Servers>> => {
  const [postgres, redis] = await Promise.all([find(POSTGRES, ways), find(REDIS, ways)]);
  const report = `${postgres.report}\n${redis.report}`;
  if (postgres.running !== undefined && redis.running !== undefined)
    return { report, running: await join(postgres.running, redis.running) };
  await Promise.all([postgres.running?.stop(), redis.running?.stop()]);
  return { report };
};

export const stores: Supply = { key: 'servers', find: findStores };
export const kafka: Supply = { key: 'kafka', find: (ways) => find(KAFKA, ways) };
export const registry: Supply = { key: 'registry', find: (ways) => find(REGISTRY, ways) };
