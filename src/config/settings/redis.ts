import { Type } from 'typebox';
import { certificateAuthorities } from '../certificates.ts';
import { flag, host, integer, optionalSecret, text } from '../setting.ts';

export const redis = Type.Object(
  {
    host: host('REDIS_HOST', { default: '127.0.0.1', description: 'Host name or address of Redis.' }),
    port: integer('REDIS_PORT', { default: 6379, minimum: 1, maximum: 65_535, description: 'Port of Redis.' }),
    username: text('REDIS_USERNAME', { default: '', description: 'ACL user. Empty: the default user.' }),
    password: optionalSecret('REDIS_PASSWORD', {
      description: 'Password of that user. New connections use its current value. Not set: no AUTH is sent.',
    }),
    tls: flag('REDIS_TLS', { default: false, description: 'Encrypt the connection and verify the certificate.' }),
    tlsCa: certificateAuthorities('REDIS_TLS_CA_FILE'),
    keyPrefix: text('REDIS_KEY_PREFIX', {
      default: 'user-service:',
      description: 'Prefix of every key, so that services can share one Redis.',
    }),
    connectTimeoutMs: integer('REDIS_CONNECT_TIMEOUT_MS', {
      default: 500,
      minimum: 10,
      maximum: 30_000,
      description: 'Timeout for connecting to Redis.',
    }),
    commandTimeoutMs: integer('REDIS_COMMAND_TIMEOUT_MS', {
      default: 50,
      minimum: 1,
      maximum: 10_000,
      description: 'Timeout of one command. After it, the service continues without Redis.',
    }),
    userTtlSeconds: integer('REDIS_USER_TTL_SECONDS', {
      default: 60,
      minimum: 1,
      maximum: 86_400,
      description: 'Lifetime of a cached user.',
    }),
    missingTtlSeconds: integer('REDIS_MISSING_TTL_SECONDS', {
      default: 5,
      minimum: 1,
      maximum: 3600,
      description: 'Lifetime of the cached information that a user does not exist.',
    }),
  },
  { description: 'Cache, revoked sessions and shared rate limits. Without Redis the service still works, but slower.' },
);
