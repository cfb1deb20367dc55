// The connection to Redis, set up for a cache: an answer comes at once or the service goes on without it. No command waits for
// a connection, none is sent twice, and a connection that went silent is given up, so a black hole looks like a refusal.

import { Redis } from 'ioredis';

import { backoffMs } from '../resilience/backoff.ts';

export type RedisSettings = {
  readonly host: string;
  readonly port: number;
  /** Empty or absent: the default user. */
  readonly username?: string;
  /** Asked at every connection attempt, so a rotated password needs no restart. It must not throw. */
  readonly password?: (() => string) | undefined;
  /** Encrypts, and checks certificate and host name. */
  readonly tls: boolean;
  readonly keyPrefix: string;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
  /** Told when connecting begins to fail, and when it fails for another reason; not for each attempt. */
  readonly onError: (error: Error) => void;
};

const RECONNECT = { firstMs: 50, maxMs: 2000 };
const SILENT_COMMANDS = 4;

const tellOnce = (redis: Redis, onError: (error: Error) => void): void => {
  let told: string | undefined;
  redis.on('ready', () => (told = undefined));
  redis.on('error', (error: Error) => {
    if (error.message === told) return;
    told = error.message;
    onError(error);
  });
};

/** Not yet connected: the first command or `connect()` begins, and from then on it reconnects by itself. */
export const makeRedis = ({ username, password, onError, ...settings }: RedisSettings): Redis => {
  const redis = new Redis({
    host: settings.host,
    port: settings.port,
    keyPrefix: settings.keyPrefix,
    ...(username ? { username } : {}),
    ...(settings.tls ? { tls: {} } : {}),
    lazyConnect: true,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => backoffMs(attempt, RECONNECT),
    connectTimeout: settings.connectTimeoutMs,
    disconnectTimeout: settings.connectTimeoutMs,
    commandTimeout: settings.commandTimeoutMs,
    socketTimeout: SILENT_COMMANDS * settings.commandTimeoutMs,
  });
  // ioredis reads the option whenever it connects
  if (password) Object.defineProperty(redis.options, 'password', { get: password });
  tellOnce(redis, onError);
  return redis;
};

/** Waits for the first connection when nobody has begun it. Never rejects: when it fails the client goes on trying. */
export const connectIfIdle = async (redis: Redis): Promise<void> => {
  if (redis.status === 'wait') await redis.connect().catch(() => undefined);
};
