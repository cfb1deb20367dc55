// Opens the two servers of an api process on its use cases, in the order in which a platform needs them.

import { makeTokenBucket } from '../auth/token-bucket.ts';
import type { AttemptLimit } from '../auth/ports.ts';
import type { Config } from '../config/schema.ts';
import { makeManagementServer } from '../http/management-server.ts';
import { makeReadiness, type Check } from '../http/readiness.ts';
import { makePublicServer } from '../http/server.ts';
import { makeRepeat } from '../lifecycle/repeat.ts';
import { currentTrace } from '../observability/trace-context.ts';
import type { Foundation } from './foundation.ts';
import type { UseCases } from './use-cases.ts';

type Deps = Foundation & {
  readonly config: Config<'service' | 'http'>;
  readonly useCases: UseCases;
  readonly strictLimit: AttemptLimit;
  readonly checks: readonly Check[];
};

const CHECK_EVERY_MS = 1000;
const PURGE_EVERY_MS = 600_000;

/** @returns the addresses that it listens on, e.g. `http://127.0.0.1:8080` */
export const serveApi = async (deps: Deps): Promise<{ publicUrl: string; managementUrl: string }> => {
  const { config, metrics, lifecycle, useCases, strictLimit, checks } = deps;
  const logger = deps.logger.child({ logger: 'http' });
  const { http, service } = config;
  const { state } = lifecycle;

  metrics.watchHashing(useCases.hashingLoad);
  const readiness = makeReadiness({
    state,
    checks,
    intervalMs: CHECK_EVERY_MS,
    onChange: (dependency, up, err) => {
      metrics.dependencyUp.set({ dependency }, up ? 1 : 0);
      if (up) logger.info({ dependency }, 'dependency is up');
      else logger.warn({ dependency, err }, 'dependency is down');
    },
  });
  const info = { service: service.name, env: service.env, version: service.version, commit: service.commit };
  const management = await makeManagementServer({
    logger,
    currentTrace,
    state,
    readiness,
    registry: metrics.registry,
    info,
  });
  const managementUrl = await management.listen({ host: http.managementHost, port: http.managementPort });
  lifecycle.add('management server', () => management.close());
  await readiness.start();
  lifecycle.add('readiness checks', readiness.close);

  const purge = makeRepeat({
    everyMs: PURGE_EVERY_MS,
    work: useCases.purge,
    onError: (err) => {
      logger.warn({ err }, 'purge failed');
    },
  });
  purge.start();
  lifecycle.add('purge', () => purge.close());

  const server = await makePublicServer({
    options: { ...http, version: service.version },
    logger,
    metrics,
    currentTrace,
    state,
    generalLimit: makeTokenBucket({
      capacity: http.rateLimitBurst,
      refillPerSecond: http.rateLimitPerSecond,
      maxKeys: 100_000,
    }),
    strictLimit,
    ...useCases,
  });
  const publicUrl = await server.listen({ host: http.host, port: http.port });
  lifecycle.add('public server', () => server.close());
  lifecycle.ready();
  return { publicUrl, managementUrl };
};
