// The process that serves HTTP: opens its connections, builds the use cases and starts both servers, from top to bottom.

import { makeMemoryLimitStore } from '../rate-limit/memory-limit-store.ts';
import { longestLifetime } from '../auth/tokens/token-verifier.ts';
import { environment } from '../config/environment.ts';
import { makeBusinessEvents } from '../observability/business-events.ts';
import { makeUserReader } from '../postgres/users/user-reader.ts';
import { makeCachedUserReader } from '../redis/cached-user-reader.ts';
import { makeRedis, makeRedisCheck, redisUnavailable } from '../redis/client.ts';
import { makeRedisLimitStore } from '../redis/limit-store.ts';
import { makeRedisRevocationList } from '../redis/revocation-list.ts';
import { makeFoundation } from '../composition/foundation.ts';
import { loadConfigOrExit } from '../composition/load-config-or-exit.ts';
import { makeGuesses } from '../composition/limits.ts';
import { openFlags } from '../composition/operations/open-flags.ts';
import { openPostgres } from '../composition/open-postgres.ts';
import { serveApi } from '../composition/serve-api.ts';
import { makeUseCases } from '../composition/use-cases.ts';

const config = loadConfigOrExit(environment(), [
  'log',
  'audit',
  'telemetry',
  'http',
  'management',
  'postgres',
  'redis',
  'auth',
  'featureFlags',
  'lifecycle',
  'faults',
]);
const foundation = makeFoundation(config, { receivesTraffic: true });
const { logger, metrics, lifecycle, audit } = foundation;

const postgres = openPostgres({ ...foundation, config, role: 'api' });

const connection = makeRedis({
  ...config.redis,
  onError: (error) => {
    logger.warn({ err: redisUnavailable(error) }, 'redis connection failed');
  },
});
lifecycle.add('redis', () => {
  connection.disconnect();
});

const redis = foundation.faults.redis(connection, config.redis);

const users = makeCachedUserReader({
  redis,
  reader: makeUserReader(postgres.pool),
  ttlSeconds: config.redis.userTtlSeconds,
  negativeTtlSeconds: config.redis.missingTtlSeconds,
  onResult: (result) => {
    metrics.cacheRequests.inc({ cache: 'users', result });
  },
});

const revocations = makeRedisRevocationList({
  redis,
  ttlSeconds: longestLifetime(config.auth),
  onError: (error) => {
    logger.warn({ err: redisUnavailable(error) }, 'revoked sessions not refreshed');
  },
});
await revocations.start();
lifecycle.add('revocation list', () => revocations.close());

const limitStore = makeRedisLimitStore({
  redis,
  name: 'strict',
  fallback: makeMemoryLimitStore({ maxKeys: 100_000 }),
  onError: (error) => {
    logger.warn({ err: redisUnavailable(error) }, 'shared rate limit unavailable, counting per process');
  },
});

const { flags, checks: flagChecks } = await openFlags({ ...foundation, config });

const telemetry = makeBusinessEvents({ logger: logger.child({ logger: 'business' }), metrics, audit });
const guesses = makeGuesses(config.http, limitStore);
const useCases = makeUseCases({
  ...{ config: config.auth, pool: postgres.pool, users, revocations, guesses, telemetry },
  acceptsOrders: (userId) => flags.isOn('accept-orders', userId),
});

const { publicUrl, managementUrl } = await serveApi({
  ...foundation,
  config,
  useCases,
  strictLimit: limitStore,
  checks: [...postgres.checks, { name: 'redis', required: false, check: makeRedisCheck(redis) }, ...flagChecks],
});
logger.info({ publicUrl, managementUrl }, 'api is listening');
