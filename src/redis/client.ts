// The Redis client, configured for a cache: a reply comes at once or the service continues without it. No command waits for a
// connection, none is sent twice, and a connection without replies is closed, so that a black hole looks like a refused connection. So is
// one to a server that refuses because it is not the right one any more: after a fail-over nobody else closes it.

import { isIP } from 'node:net';
import type { ConnectionOptions as TlsOptions } from 'node:tls';

import { Redis } from 'ioredis';

import { CodedError } from '../errors/coded-error.ts';
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
  /** PEM text of the certificate authorities, called for every connection attempt. Default: the authorities that Node trusts. It must not throw. */
  readonly tlsCa?: (() => string) | undefined;
  readonly keyPrefix: string;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
  /** Called when connecting starts to fail and when the reason changes, not for each attempt. */
  readonly onError: (error: Error) => void;
};

const RECONNECT = { firstMs: 50, maxMs: 2000 };
/** A connection without replies for this many command timeouts is closed. */
const SILENT_COMMANDS = 4;

/**
 * The server is not, or not now, the one that takes our writes: a replica, one that is loading, one that has lost its replicas or its disk.
 * Another connection may lead to the right one. Not OOM and NOPERM: the server is the right one and would say the same again.
 * Redis 6 and earlier wrap the error of a script: "ERR Error running script …: -READONLY …".
 */
const WRONG_SERVER = /(?:^|: -)(?:READONLY|LOADING|MASTERDOWN|MISCONF|NOREPLICAS|CLUSTERDOWN|MOVED|NOAUTH)\b/;
/** While the right server is not reachable, the other one still answers reads, so it is not left more often. */
const LEAVE_EVERY_MS = 250;

/** For `reconnectOnError`: true connects again, and rejects the command instead of sending it again (2 would do that). */
const makeLeaveWrongServer = () => {
  let leftAt = Number.NEGATIVE_INFINITY;
  return ({ message }: Error): boolean => {
    if (!WRONG_SERVER.test(message) || performance.now() - leftAt < LEAVE_EVERY_MS) return false;
    leftAt = performance.now();
    return true;
  };
};

/**
 * ioredis copies the options for every connection, and so calls the getter. Node sends no server name by itself: a server or proxy with several
 * certificates would choose any. An address is not a server name.
 */
const toTls = ({ host, tlsCa }: Pick<RedisSettings, 'host' | 'tlsCa'>): TlsOptions => {
  const name = isIP(host) === 0 ? { servername: host } : {};
  if (tlsCa === undefined) return name;
  return {
    ...name,
    get ca() {
      return tlsCa();
    },
  };
};

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
    ...(settings.tls ? { tls: toTls(settings) } : {}),
    lazyConnect: true,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    maxRetriesPerRequest: 0,
    reconnectOnError: makeLeaveWrongServer(),
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

/** For log lines: by its code, failures for the same reason are recognized as one outage. */
export const redisUnavailable = (cause: unknown): CodedError =>
  new CodedError('REDIS_UNAVAILABLE', 'Redis cannot be used.', { cause });

/** A server with TLS ends a connection without it, and does not say why. */
const withHint = ({ options }: Redis, error: unknown): unknown =>
  !options.tls && error instanceof Error && /ECONNRESET|closed/.test(error.message)
    ? new Error(`${error.message} (REDIS_TLS is false: does the server need TLS?)`, { cause: error })
    : error;

/**
 * For readiness: rejects when Redis does not accept a write within the command timeout, as a replica or a full server. The cause is why there is
 * no connection, when there is none: the command itself only says that it was not sent.
 */
export const makeRedisCheck = (redis: Redis) => {
  let connectionError: Error | undefined;
  redis.on('ready', () => (connectionError = undefined));
  redis.on('error', (error: Error) => (connectionError = error));
  return async (): Promise<void> => {
    try {
      await redis.set('check', '1', 'PX', 10_000);
    } catch (error) {
      throw redisUnavailable(withHint(redis, connectionError ?? error));
    }
  };
};
