// Suites that build images and start containers: minutes each, and a Docker engine to themselves. scripts/engine-suite.ts runs one; `npm test` none.

import { defineConfig } from 'vitest/config';

const MINUTE_MS = 60_000;

const suite = (name: string) => ({
  name,
  include: [`test/${name}/**/*.test.ts`],
  globalSetup: 'test/support/engine-setup.ts',
  testTimeout: 5 * MINUTE_MS,
  hookTimeout: 15 * MINUTE_MS,
});

export default defineConfig({
  test: { pool: 'forks', fileParallelism: false, projects: [{ test: suite('compose') }, { test: suite('image') }] },
});
