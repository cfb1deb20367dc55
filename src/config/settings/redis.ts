import { Type } from 'typebox';
import { flag, integer, optionalSecret, text } from '../setting.ts';

export const redis = Type.Object(
  {
    host: text('REDIS_HOST', { default: '127.0.0.1', description: 'Host name or address of Redis.' }),
    port: integer('REDIS_PORT', { default: 6379, minimum: 1, maximum: 65_535, description: 'Port of Redis.' }),
    username: text('REDIS_USERNAME', { default: '', description: 'ACL user. Empty: the default user.' }),
    password: optionalSecret('REDIS_PASSWORD', { description: 'Password of that user; without one, no AUTH is sent.' }),
    tls: flag('REDIS_TLS', { default: false, description: 'Encrypt and check the certificate.' }),
    keyPrefix: text('REDIS_KEY_PREFIX', {
      default: 'user-service:',
      description: 'Put before every key, so that services can share one Redis.',
    }),
    connectTimeoutMs: integer('REDIS_CONNECT_TIMEOUT_MS', {
      default: 500,
      minimum: 10,
      maximum: 30_000,
      description: 'Longest wait for a connection.',
    }),
    commandTimeoutMs: integer('REDIS_COMMAND_TIMEOUT_MS', {
      default: 50,
      minimum: 1,
      maximum: 10_000,
      description: 'Longest wait for an answer; after it the service goes on without Redis.',
    }),
    userTtlSeconds: integer('REDIS_USER_TTL_SECONDS', {
      default: 60,
      minimum: 1,
      maximum: 86_400,
      description: 'How long a cached user may be served.',
    }),
    missingTtlSeconds: integer('REDIS_MISSING_TTL_SECONDS', {
      default: 5,
      minimum: 1,
      maximum: 3600,
      description: 'How long it is remembered that a user does not exist.',
    }),
  },
  { description: 'The cache and shared limits. The service works without it, slower.' },
);
