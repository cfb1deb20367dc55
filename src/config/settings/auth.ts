import { Type } from 'typebox';
import { integer, secret, text } from '../setting.ts';

export const auth = Type.Object(
  {
    issuer: text('AUTH_ISSUER', {
      default: 'http://localhost:8080',
      pattern: String.raw`^https?://[^\s?#]+[^\s?#/]$`,
      expected: 'an http(s) URL without query, fragment or trailing slash',
      description: 'The `iss` of every token: the public address of this service.',
    }),
    audience: text('AUTH_AUDIENCE', { default: 'user-service', description: 'The `aud` of every token.' }),
    accessTokenTtlSeconds: integer('AUTH_ACCESS_TOKEN_TTL_SECONDS', {
      default: 300,
      minimum: 10,
      maximum: 3600,
      description: 'How long an access token is valid.',
    }),
    refreshTokenTtlSeconds: integer('AUTH_REFRESH_TOKEN_TTL_SECONDS', {
      default: 1_209_600,
      minimum: 60,
      maximum: 7_776_000,
      description: 'How long a session lives without being refreshed.',
    }),
    signingKeys: secret('AUTH_SIGNING_KEYS', {
      description: 'Private JWK set (ES256). The first key signs, all of them verify.',
    }),
    clients: secret('AUTH_CLIENTS', {
      default: '{}',
      description:
        'Services that may ask for tokens, as JSON: `{"<id>":{"secretSha256":["<hex>"],"scopes":["users:read"]}}`.',
    }),
    argon2MemoryKib: integer('AUTH_ARGON2_MEMORY_KIB', {
      default: 19_456,
      minimum: 64,
      maximum: 1_048_576,
      description: 'Memory of one Argon2id hash (OWASP Password Storage: 19456 with 2 passes).',
    }),
    argon2Passes: integer('AUTH_ARGON2_PASSES', {
      default: 2,
      minimum: 1,
      maximum: 20,
      description: 'Passes of one Argon2id hash.',
    }),
    argon2Parallelism: integer('AUTH_ARGON2_PARALLELISM', {
      default: 1,
      minimum: 1,
      maximum: 8,
      description: 'Lanes of one Argon2id hash.',
    }),
    hashConcurrency: integer('AUTH_HASH_CONCURRENCY', {
      default: 2,
      minimum: 1,
      maximum: 64,
      description: 'Hashes made at the same time; each takes a thread and its memory.',
    }),
    hashQueue: integer('AUTH_HASH_QUEUE', {
      default: 32,
      minimum: 0,
      maximum: 10_000,
      description: 'Hashes that may wait for a place; the next one is answered 503.',
    }),
  },
  { description: 'Tokens, sessions and password hashing.' },
);
