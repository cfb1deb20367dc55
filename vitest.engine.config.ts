// Suites that need programs which npm does not bring: a Docker engine, to itself for minutes, or helm; and one that follows telemetry
// through every process. scripts/engine-suite.ts runs one; `npm test` none.

import { defineConfig } from 'vitest/config';

const MINUTE_MS = 60_000;

const suite = (
  name: string,
  needs: 'engine' | 'helm' | 'cluster' | 'messaging' | 'prometheus' | 'vault' | 'secrets' | 'registry',
) => ({
  name,
  include: [`test/${name}/**/*.test.ts`],
  globalSetup: [`test/support/${needs}-setup.ts`],
  testTimeout: 5 * MINUTE_MS,
  hookTimeout: 15 * MINUTE_MS,
});

/** Single tests of it use the programs of Prometheus, if there are any. */
const withPrometheus = (one: ReturnType<typeof suite>) => ({
  ...one,
  globalSetup: ['test/support/prometheus-if-available.ts', ...one.globalSetup],
});

/** They use PostgreSQL and Redis, which are found or started as for `npm test`. */
const withStores = (one: ReturnType<typeof suite>) => ({
  ...one,
  globalSetup: [...one.globalSetup, 'test/support/global-setup.ts'],
});

export default defineConfig({
  test: {
    pool: 'forks',
    fileParallelism: false,
    projects: [
      { test: suite('compose', 'engine') },
      { test: suite('image', 'engine') },
      { test: withPrometheus(suite('chart', 'helm')) },
      { test: suite('cluster', 'cluster') },
      { test: suite('secrets', 'secrets') },
      { test: suite('slo', 'prometheus') },
      { test: withPrometheus(suite('telemetry', 'messaging')) },
      { test: suite('restore', 'messaging') },
      { test: suite('gameday', 'prometheus') },
      { test: withStores(suite('vault', 'vault')) },
      { test: suite('tls', 'registry') },
    ],
  },
});
