import { Type } from 'typebox';
import { parseClients } from '../../auth/clients.ts';
import { parseKeySet } from '../../auth/tokens/key-set.ts';
import { refusePublishedKeys } from '../../auth/tokens/published-keys.ts';
import { isLaptopOrTest, isProduction } from '../environment.ts';
import { integer, secret, text, url } from '../setting.ts';

export const auth = Type.Object(
  {
    issuer: url('AUTH_ISSUER', {
      default: 'http://localhost:8080',
      pattern: String.raw`^https?://[^\s/?#@\\]+(?:/[^\s/?#@\\]+)*$`,
      expected: 'an http(s) URL without user information, query, fragment or trailing slash',
      description: 'Issuer (`iss`) of every token: the public URL of this service.',
    }),
    audience: text('AUTH_AUDIENCE', { default: 'user-service', description: 'Audience (`aud`) of every token.' }),
    accessTokenTtlSeconds: integer('AUTH_ACCESS_TOKEN_TTL_SECONDS', {
      default: 300,
      minimum: 10,
      maximum: 3600,
      description: 'Lifetime of an access token.',
    }),
    acceptedTokenTtlSeconds: integer('AUTH_ACCEPTED_TOKEN_TTL_SECONDS', {
      default: 0,
      minimum: 0,
      maximum: 3600,
      description:
        'Longest lifetime of an access token that is accepted. Less than AUTH_ACCESS_TOKEN_TTL_SECONDS: that one. While AUTH_ACCESS_TOKEN_TTL_SECONDS changes, the larger of both values, so that tokens of the other processes are accepted.',
    }),
    refreshTokenTtlSeconds: integer('AUTH_REFRESH_TOKEN_TTL_SECONDS', {
      default: 1_209_600,
      minimum: 60,
      maximum: 7_776_000,
      description: 'Lifetime of a session that is not refreshed.',
    }),
    sessionMaxLifetimeSeconds: integer('AUTH_SESSION_MAX_LIFETIME_SECONDS', {
      default: 7_776_000,
      minimum: 60,
      maximum: 31_536_000,
      description: 'Lifetime of a session from sign-in, however often it is refreshed.',
    }),
    reauthenticationMaxAgeSeconds: integer('AUTH_REAUTHENTICATION_MAX_AGE_SECONDS', {
      default: 300,
      minimum: 30,
      maximum: 3600,
      description: 'How long an entered password allows a change of e-mail address and an erasure.',
    }),
    signingKeys: secret('AUTH_SIGNING_KEYS', {
      parse: (text, deployment) => {
        const keys = parseKeySet(text);
        return isLaptopOrTest(deployment) ? keys : refusePublishedKeys(keys, isProduction(deployment));
      },
      description: 'Private JWK set (ES256). The first key signs, all keys verify.',
    }),
    clients: secret('AUTH_CLIENTS', {
      default: '{}',
      parse: parseClients,
      description:
        'Service clients that may request tokens, as JSON: `{"<id>":{"secretSha256":["<hex>"],"scopes":["users:read"]}}`.',
    }),
    argon2MemoryKib: integer('AUTH_ARGON2_MEMORY_KIB', {
      default: 19_456,
      minimum: 64,
      maximum: 1_048_576,
      description: 'Memory per Argon2id hash (OWASP Password Storage: 19456 with 2 passes).',
    }),
    argon2Passes: integer('AUTH_ARGON2_PASSES', {
      default: 2,
      minimum: 1,
      maximum: 20,
      description: 'Passes per Argon2id hash.',
    }),
    argon2Parallelism: integer('AUTH_ARGON2_PARALLELISM', {
      default: 1,
      minimum: 1,
      maximum: 8,
      description: 'Parallelism (lanes) of an Argon2id hash.',
    }),
    hashConcurrency: integer('AUTH_HASH_CONCURRENCY', {
      default: 2,
      minimum: 1,
      maximum: 64,
      description: 'Hashes computed at the same time. Each uses a thread and AUTH_ARGON2_MEMORY_KIB.',
    }),
    hashQueue: integer('AUTH_HASH_QUEUE', {
      default: 32,
      minimum: 0,
      maximum: 10_000,
      description:
        'Hashes that may wait for a free slot. When it is full, the network that has asked for most gets 503, see docs/limits.md.',
    }),
  },
  { description: 'Tokens, sessions and password hashing.' },
);
