import type { Redis } from 'ioredis';

import { makeRedis, type RedisSettings } from '../../../src/redis/client.ts';
import { eventually } from '../../support/eventually.ts';
import type { TcpProxy } from '../../support/tcp-proxy.ts';
import type { TestRedis } from '../../support/test-redis.ts';

/** A client of the service, with the default timeouts. */
export const appRedis = (at: TestRedis, options: Partial<RedisSettings> = {}): Redis =>
  makeRedis({
    host: at.host,
    port: at.port,
    password: at.password === undefined ? undefined : () => at.password ?? '',
    tls: false,
    keyPrefix: at.keyPrefix,
    connectTimeoutMs: 500,
    commandTimeoutMs: 50,
    onError: () => undefined,
    ...options,
  });

/** Connected, with long timeouts: for tests that do not depend on time. */
export const connectedRedis = async (at: TestRedis, options: Partial<RedisSettings> = {}): Promise<Redis> => {
  const redis = appRedis(at, { commandTimeoutMs: 5000, ...options });
  redis.setMaxListeners(0); // a test file makes many adapters on one client
  await redis.connect();
  return redis;
};

export const isReady = (redis: Redis): Promise<void> =>
  eventually(() => {
    if (redis.status !== 'ready') throw new Error(`the client is ${redis.status}`);
  });

export const FAULTS = ['down', 'hang'] as const;

/** Makes the server behind the proxy unavailable: it resets connections, or it is a black hole. */
export const strike = (proxy: TcpProxy, fault: (typeof FAULTS)[number]): void => {
  if (fault === 'down') proxy.down();
  else proxy.hang();
};
