// Official images, pinned. Data lives in memory and nothing is synced to a disk: these servers end with the run.

import type * as Testcontainers from 'testcontainers';
import type { StartedTestContainer, TestContainer } from 'testcontainers';

import { dockerAnswers } from './docker-engine.ts';
import type { PostgresServer, RedisServer, Running } from './servers.ts';

export const IMAGES = { postgres: 'postgres:18-alpine', redis: 'redis:7-alpine' } as const;

const ADMIN = { user: 'postgres', password: 'postgres' } as const;

/** Testcontainers when an engine answers; imported late because that alone takes most of a second. */
const testcontainers = async (): Promise<typeof Testcontainers> => {
  if (!(await dockerAnswers())) throw new Error('no Docker engine answers');
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
    // over TCP: while it makes its first database the image listens on its socket only
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
