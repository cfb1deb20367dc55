// Starts the two servers of an api process: the management server first, so that probes work during startup, then the public one.

import { makeTokenBucket } from '../rate-limit/token-bucket.ts';
import type { AttemptLimit } from '../rate-limit/ports.ts';
import type { Config } from '../config/schema.ts';
import { makeLoadShedding } from '../http/hooks/load-shedding.ts';
import { makePublicServer } from '../http/server.ts';
import type { Check } from '../lifecycle/readiness.ts';
import { makeRepeat } from '../resilience/repeat.ts';
import { currentTrace, trustCallers } from '../observability/trace-context.ts';
import type { Foundation } from './foundation.ts';
import { listen, openManagement } from './operations/open-management.ts';
import { startPurge } from './purge.ts';
import type { UseCases } from './use-cases.ts';

type Deps = Foundation & {
  readonly config: Config<'service' | 'log' | 'http' | 'management'>;
  readonly useCases: UseCases;
  readonly strictLimit: AttemptLimit;
  readonly checks: readonly Check[];
};

const FINISH_ERASURES = { everyMs: 2000, budgetMs: 2000 };

/** @returns the addresses that both servers are bound to, e.g. `http://127.0.0.1:8080` */
export const serveApi = async (deps: Deps): Promise<{ publicUrl: string; managementUrl: string }> => {
  const { config, metrics, lifecycle, useCases, strictLimit } = deps;
  const logger = deps.logger.child({ logger: 'http' });
  const { http, service } = config;

  metrics.watchHashing(useCases.hashingLoad);
  const loadShedding = makeLoadShedding({
    ...http,
    onShed: () => {
      metrics.httpRequestsShed.inc();
    },
  });
  const { url: managementUrl } = await openManagement({ ...deps, checks: [...deps.checks, loadShedding.check] });

  startPurge({ ...deps, tables: useCases.expiredRows });
  const erasures = makeRepeat({
    everyMs: FINISH_ERASURES.everyMs,
    work: () => useCases.finishErasures(FINISH_ERASURES),
    onError: (err) => {
      logger.warn({ err }, 'erasures not finished, retrying');
    },
  });
  erasures.start();
  lifecycle.add('erasures', () => erasures.close());

  trustCallers(http.trustTraceContext);
  const server = await makePublicServer({
    audit: deps.audit,
    requestContext: deps.requestContext,
    faultHooks: deps.faults.requestHooks,
    options: { ...http, version: service.version },
    logger,
    metrics,
    currentTrace,
    isDraining: () => lifecycle.state() === 'draining',
    onConnectionRefused: () => {
      metrics.httpConnectionsRefused.inc();
    },
    loadShedding: loadShedding.hooks,
    generalLimit: makeTokenBucket({
      capacity: http.rateLimitBurst,
      refillPerSecond: http.rateLimitPerSecond,
      maxKeys: 100_000,
    }),
    strictLimit,
    ...useCases,
  });
  const publicUrl = await listen(server, http);
  lifecycle.add('public server', () => server.close());
  lifecycle.ready();
  return { publicUrl, managementUrl };
};
