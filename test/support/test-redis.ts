import { randomUUID } from 'node:crypto';

import { inject } from 'vitest';

import type { RedisServer } from './servers.ts';

export type TestRedis = RedisServer & { readonly keyPrefix: string };

/** The run's Redis with a key prefix that no other test file has. */
export const makeTestRedis = (): TestRedis => ({ ...inject('servers').redis, keyPrefix: `test-${randomUUID()}:` });
