import { defineConfig } from 'vitest/config';

const level = (name: string) => ({ test: { name, include: [`test/${name}/**/*.test.ts`] } });

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default'],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/bin/**', 'src/observability/tracer.ts'], // tested as child processes, out of the counter's sight
      reporter: ['text-summary', 'lcov'],
      thresholds: { lines: 90, branches: 85 },
    },
    projects: [
      level('unit'),
      level('property'),
      level('architecture'),
      {
        test: {
          ...level('integration').test,
          globalSetup: 'test/support/global-setup.ts',
          testTimeout: 20_000, // some start several processes, on machines with little to spare
          hookTimeout: 30_000,
        },
      },
      { test: { ...level('component').test, testTimeout: 120_000, hookTimeout: 120_000 } },
    ],
  },
});
