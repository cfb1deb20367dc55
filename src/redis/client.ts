// The Redis client, configured for a cache: a reply comes at once or the service continues without it. No command waits for a
// connection, none is sent twice, and a connection without replies is closed, so that a black hole looks like a refused connection.

import { Redis } from 'ioredis';

import { backoffMs } from '../resilience/backoff.ts';

export type RedisSettings = {
  readonly host: string;
  readonly port: number;
  /** Empty or absent: the default user. */
  readonly username?: string;
  /** Called for every connection attempt, so a rotated password needs no restart. It must not throw. */
  readonly password?: (() => string) | undefined;
  /** Encrypts, and verifies certificate and host name. */
  readonly tls: boolean;
  readonly keyPrefix: string;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
  /** Called when connecting starts to fail and when the reason changes, not for each attempt. */
  readonly onError: (error: Error) => void;
};

const RECONNECT = { firstMs: 50, maxMs: 2000 };
/** A connection without replies for this many command timeouts is closed. */
const SILENT_COMMANDS = 4;

const reportOnce = (redis: Redis, onError: (error: Error) => void): void => {
  let reported: string | undefined;
  redis.on('ready', () => (reported = undefined));
  redis.on('error', (error: Error) => {
    if (error.message === reported) return;
    reported = error.message;
    onError(error);
  });
};

/** Connects with the first command or `connect()`, and reconnects by itself. */
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
  // ioredis reads the option for every connection
  if (password) Object.defineProperty(redis.options, 'password', { get: password });
  reportOnce(redis, onError);
  return redis;
};

/** Starts the first connection, if not started yet, and waits for it. Never rejects: the client keeps trying. */
export const connectIfIdle = async (redis: Redis): Promise<void> => {
  if (redis.status === 'wait') await redis.connect().catch(() => undefined);
};

/** For readiness: rejects when Redis does not reply within the command timeout. */
export const makeRedisCheck = (redis: Redis) => async (): Promise<void> => {
  await redis.ping();
};
