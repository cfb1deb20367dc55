// Not part of `npm test`: these tests need the Git history and run two releases side by side.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/rollback/**/*.test.ts'],
    globalSetup: ['test/support/messaging-setup.ts', 'test/rollback/check-out.ts'],
    pool: 'forks',
    fileParallelism: false,
    reporters: ['default'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    env: { PACT_DO_NOT_TRACK: 'true' },
  },
});
