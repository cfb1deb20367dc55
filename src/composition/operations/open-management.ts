// The management server of every process: probes, metrics, info. Opened before anything that may take long, and closed after it.

import type { AddressInfo } from 'node:net';

import type { FastifyInstance } from 'fastify';

import type { Config } from '../../config/schema.ts';
import { makeManagementServer } from '../../http/management/management-server.ts';
import { makeReadiness, type Check, type Readiness, type ReadinessReport } from '../../lifecycle/readiness.ts';
import type { Log } from '../../observability/log-fields.ts';
import { currentTrace } from '../../observability/trace-context.ts';
import type { Foundation } from '../foundation.ts';
import { makeHandles } from './operator-handles.ts';

type Deps = Foundation & {
  readonly config: Config<'service' | 'log' | 'management'>;
  readonly checks: readonly Check[];
};

type Management = { readonly url: string; readonly readiness: Readiness };

const CHECK_EVERY_MS = 1000;

type Listening = Pick<FastifyInstance, 'listen' | 'server'>;

/** Starts listening. @returns the address that the server is bound to, e.g. `http://0.0.0.0:8081` */
export const listen = async (
  server: Listening,
  at: { readonly host: string; readonly port: number },
): Promise<string> => {
  await server.listen({ host: at.host, port: at.port });
  const { address, port } = server.server.address() as AddressInfo;
  const host = address.includes(':') ? `[${address}]` : address; // IPv6
  return `http://${host}:${port}`;
};

const downIn = ({ checks }: ReadinessReport): string =>
  Object.entries(checks)
    .filter(([, { up }]) => !up)
    .map(([name]) => name)
    .join();

const logStatus =
  (logger: Log) =>
  (report: ReadinessReport): void => {
    const down = downIn(report);
    if (report.status === 'ready') logger.info({ state: report.state }, 'process is ready');
    else if (report.status === 'degraded')
      logger.warn({ state: report.state, dependency: down }, 'process is ready but degraded');
    else
      logger.warn(
        { state: report.state, ...(report.reason && { reason: report.reason }), ...(down && { dependency: down }) },
        'process is not ready',
      );
  };

/** @returns the address of the server and the readiness of the process, after every check has run once */
export const openManagement = async ({
  config,
  logger: root,
  metrics,
  lifecycle,
  ...deps
}: Deps): Promise<Management> => {
  const { management, service } = config;
  const { state } = lifecycle;
  const logger = root.child({ logger: 'http' });
  const readiness = makeReadiness({
    state,
    checks: [...deps.checks, ...deps.ownChecks],
    intervalMs: CHECK_EVERY_MS,
    onChange: (dependency, up, err) => {
      metrics.dependencyUp.set({ dependency }, up ? 1 : 0);
      if (up) {
        root.outages.isUp(dependency);
        logger.info({ dependency }, 'dependency is up');
      } else {
        root.outages.isDown(dependency, err);
        logger.warn({ dependency, err }, 'dependency is down');
      }
    },
    onStatus: logStatus(root.child({ logger: 'lifecycle' })),
  });
  const server = await makeManagementServer({
    logger,
    currentTrace,
    isStarted: () => state() !== 'starting',
    readiness,
    registry: metrics.registry,
    addHandles: makeHandles({ ...deps, config, logger: root, metrics, readiness }),
    info: { service: service.name, env: service.env, version: service.version, commit: service.commit },
  });
  const url = await listen(server, management);
  lifecycle.add('management server', () => server.close());
  await readiness.start();
  lifecycle.add('readiness checks', () => readiness.close());
  return { url, readiness };
};
