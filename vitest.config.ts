import { defineConfig } from 'vitest/config';

/** Generous: a deadline says that something hangs, never that the machine is busy. */
const DEADLINE = { testTimeout: 30_000, hookTimeout: 30_000 };

const level = (name: string) => ({
  ...DEADLINE,
  name,
  include: [`test/${name}/**/*.test.ts`, `examples/*/test/${name}/**/*.test.ts`],
});

/** Integration tests that need Kafka and a schema registry as well. */
const messaging = [
  ...['kafka', 'consumers', 'registry', 'bin-events'].map((name) => `test/integration/${name}/**/*.test.ts`),
  'examples/*/test/messaging/**/*.test.ts',
];

const onStores = { ...DEADLINE, globalSetup: 'test/support/global-setup.ts' };
const onAllServers = { globalSetup: 'test/support/messaging-setup.ts', hookTimeout: 60_000 };

/** Pact reports each run to its makers by default: https://docs.pact.io/metrics */
const noMetrics = { PACT_DO_NOT_TRACK: 'true' };

/** They write pacts/, which the level `contract` reads: that level runs in a group of its own, after them. */
const consumerContracts = {
  ...DEADLINE,
  name: 'consumer-contracts',
  include: ['examples/*/test/contract/**/*.test.ts'],
  env: noMetrics,
};
const providerContracts = { name: 'contract', include: ['test/contract/**/*.test.ts'] };

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default'],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/bin/**', 'src/composition/**', 'src/observability/tracer.ts', 'src/observability/apm/**'], // tested as child processes, which coverage does not see
      reporter: ['text-summary', 'lcov'],
      thresholds: { lines: 90, branches: 85 },
    },
    projects: [
      { test: level('unit') },
      { test: level('property') },
      { test: level('architecture') },
      { test: level('gates') },
      { test: { ...DEADLINE, name: 'clients', include: ['clients/*/test/**/*.test.ts'] } },
      { test: { ...level('integration'), ...onStores, exclude: messaging } },
      { test: { ...DEADLINE, ...onAllServers, name: 'messaging', include: messaging } },
      { test: { ...level('component'), testTimeout: 120_000, hookTimeout: 120_000 } },
      { test: consumerContracts },
      { test: { ...providerContracts, ...onStores, env: noMetrics, sequence: { groupOrder: 1 } } },
      { test: { ...level('resilience'), ...onAllServers, testTimeout: 300_000, hookTimeout: 300_000 } },
    ],
  },
});
