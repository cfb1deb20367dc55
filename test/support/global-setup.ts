import { env } from 'node:process';

import type { TestProject } from 'vitest/node';

import { postgresContainer, redisContainer } from './docker-servers.ts';
import { postgresOfEnvironment, redisOfEnvironment } from './environment-servers.ts';
import { nativePostgres } from './native-postgres.ts';
import { nativeRedis } from './native-redis.ts';
import { find, WAYS, type PostgresServer, type Recipe, type RedisServer, type Way } from './servers.ts';
import { makeTemplates } from './template-database.ts';

const POSTGRES: Recipe<PostgresServer> = {
  name: 'PostgreSQL',
  ways: { env: postgresOfEnvironment, docker: postgresContainer, native: nativePostgres },
};
const REDIS: Recipe<RedisServer> = {
  name: 'Redis',
  ways: { env: redisOfEnvironment, docker: redisContainer, native: nativeRedis },
};

/** TEST_SERVERS forces one way. */
const allowedWays = (): readonly Way[] => {
  const wanted = env.TEST_SERVERS ?? '';
  if (wanted === '') return WAYS;
  const way = WAYS.find((known) => known === wanted);
  if (way === undefined) throw new Error(`TEST_SERVERS is one of ${WAYS.join(', ')}`);
  return [way];
};

/** No test of the project runs, and coverage has no gate to pass. In continuous integration that is a failure. */
const skipAll = (project: TestProject): void => {
  if (env.CI === 'true') throw new Error(`The ${project.name} tests found no servers to run on.`);
  process.stdout.write(`SKIPPED: the ${project.name} tests, for want of servers; coverage is not judged.\n`);
  project.config.testNamePattern = /^(?!)/;
  delete project.vitest.config.coverage.thresholds;
};

/** Finds or starts the servers, once per run; what it gives back stops them. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const ways = allowedWays();
  const [postgres, redis] = await Promise.all([find(POSTGRES, ways), find(REDIS, ways)]);
  process.stdout.write(`${postgres.report}\n${redis.report}\n`);
  const stop = async (): Promise<void> => {
    await Promise.all([postgres.running?.stop(), redis.running?.stop()]);
  };
  if (postgres.running === undefined || redis.running === undefined) {
    await stop();
    skipAll(project);
    return () => Promise.resolve();
  }
  const templates = await makeTemplates(postgres.running.server).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  project.provide('servers', {
    postgres: postgres.running.server,
    redis: redis.running.server,
    templates: templates.names,
  });
  return async () => {
    await templates.drop();
    await stop();
  };
};
