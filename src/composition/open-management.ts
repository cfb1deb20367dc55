// The management server of every process: probes, metrics, info. Opened before anything that may take long, and closed after it.

import type { Config } from '../config/schema.ts';
import { makeManagementServer } from '../http/management-server.ts';
import { makeReadiness, type Check } from '../lifecycle/readiness.ts';
import { currentTrace } from '../observability/trace-context.ts';
import type { Foundation } from './foundation.ts';

type Deps = Foundation & {
  readonly config: Config<'service' | 'management'>;
  readonly checks: readonly Check[];
};

const CHECK_EVERY_MS = 1000;

/** @returns the address that it listens on, e.g. `http://127.0.0.1:8081`, after every check has run once */
export const openManagement = async ({ config, logger: root, metrics, lifecycle, ...deps }: Deps): Promise<string> => {
  const { management, service } = config;
  const { state } = lifecycle;
  const logger = root.child({ logger: 'http' });
  const readiness = makeReadiness({
    state,
    checks: [...deps.checks, deps.secretsCheck],
    intervalMs: CHECK_EVERY_MS,
    onChange: (dependency, up, err) => {
      metrics.dependencyUp.set({ dependency }, up ? 1 : 0);
      root.outages.checked(dependency, up, err);
      if (up) logger.info({ dependency }, 'dependency is up');
      else logger.warn({ dependency, err }, 'dependency is down');
    },
  });
  const server = await makeManagementServer({
    logger,
    currentTrace,
    isStarted: () => state() !== 'starting',
    readiness,
    registry: metrics.registry,
    info: { service: service.name, env: service.env, version: service.version, commit: service.commit },
  });
  const url = await server.listen({ host: management.host, port: management.port });
  lifecycle.add('management server', () => server.close());
  await readiness.start();
  lifecycle.add('readiness checks', () => readiness.close());
  return url;
};
