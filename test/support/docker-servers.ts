// Official images, pinned. Data is kept in memory where possible and not synced: these servers last for one test run.

import type * as Testcontainers from 'testcontainers';
import type { StartedTestContainer, TestContainer } from 'testcontainers';

import { isDockerReachable } from './docker-engine.ts';
import { kafkaProperties } from './native/kafka-properties.ts';
import { freePort } from './free-port.ts';
import type { KafkaServer, PostgresServer, RedisServer, RegistryServer, Running } from './servers.ts';

export const IMAGES = {
  postgres: 'postgres:18-alpine',
  redis: 'redis:7-alpine',
  kafka: 'apache/kafka:4.1.1',
  registry: 'apicurio/apicurio-registry:3.0.9',
} as const;

/** The path of Apicurio's API that is compatible with Confluent's registry. */
const CONFLUENT_API = '/apis/ccompat/v7';
const ADMIN = { user: 'postgres', password: 'postgres' } as const;

/** Imported only if an engine is available: the import takes most of a second. */
const testcontainers = async (): Promise<typeof Testcontainers> => {
  if (!(await isDockerReachable())) throw new Error('no Docker engine is available');
  return import('testcontainers');
};

const started = async <S>(
  container: TestContainer,
  describe: (container: StartedTestContainer) => S,
): Promise<Running<S>> => {
  const running = await container.start();
  const stop = async (): Promise<void> => {
    await running.stop({ timeout: 0 });
  };
  return { server: describe(running), stop };
};

export const postgresContainer = async (): Promise<Running<PostgresServer>> => {
  const { GenericContainer, Wait } = await testcontainers();
  const container = new GenericContainer(IMAGES.postgres)
    .withEnvironment({ POSTGRES_PASSWORD: ADMIN.password })
    .withCommand(['postgres', '-c', 'fsync=off', '-c', 'max_connections=200'])
    .withTmpFs({ '/var/lib/postgresql': 'rw' })
    .withExposedPorts(5432)
    // over TCP: during initialization the image listens only on its Unix socket
    .withHealthCheck({
      test: ['CMD-SHELL', 'pg_isready -h 127.0.0.1 -U postgres'],
      interval: 250,
      retries: 240,
      timeout: 1000,
    })
    .withWaitStrategy(Wait.forHealthCheck());
  return started(container, (it) => ({ host: it.getHost(), port: it.getMappedPort(5432), ...ADMIN }));
};

export const redisContainer = async (): Promise<Running<RedisServer>> => {
  const { GenericContainer, Wait } = await testcontainers();
  const container = new GenericContainer(IMAGES.redis)
    .withCommand(['redis-server', '--save', '', '--appendonly', 'no'])
    .withExposedPorts(6379)
    .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/));
  return started(container, (it) => ({ host: it.getHost(), port: it.getMappedPort(6379) }));
};

/** Kafka advertises its address to clients, so its port on the host is chosen before it starts. */
export const kafkaContainer = async (): Promise<Running<KafkaServer>> => {
  const { GenericContainer, Wait, getContainerRuntimeClient } = await testcontainers();
  const { host } = (await getContainerRuntimeClient()).info.containerRuntime;
  const port = await freePort();
  const settings = await kafkaProperties({
    listenHost: '',
    ports: { client: 9092, broker: 9093, controller: 9094 },
    advertised: `${host}:${port}`,
    dataDirectory: '/var/lib/kafka/data',
  });
  const container = new GenericContainer(IMAGES.kafka)
    .withCopyContentToContainer([{ content: settings, target: '/mnt/shared/config/server.properties' }])
    .withEnvironment({ KAFKA_HEAP_OPTS: '-Xms64m -Xmx256m' })
    .withExposedPorts({ container: 9092, host: port })
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/));
  return started(container, () => ({ brokers: [`${host}:${port}`] }));
};

export const registryContainer = async (): Promise<Running<RegistryServer>> => {
  const { GenericContainer, Wait } = await testcontainers();
  const container = new GenericContainer(IMAGES.registry)
    .withExposedPorts(8080)
    .withWaitStrategy(Wait.forHttp(`${CONFLUENT_API}/subjects`, 8080));
  return started(container, (it) => ({ url: `http://${it.getHost()}:${it.getMappedPort(8080)}${CONFLUENT_API}` }));
};
