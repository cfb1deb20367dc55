import { randomUUID } from 'node:crypto';

import { inject } from 'vitest';

import type { RedisServer } from './servers.ts';

export type TestRedis = RedisServer & { readonly keyPrefix: string };

/** The Redis of the test run, with a key prefix of this test file. */
export const makeTestRedis = (): TestRedis => ({ ...inject('servers').redis, keyPrefix: `test-${randomUUID()}:` });
