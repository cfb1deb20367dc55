// For the platform, on a port of its own that is never published: probes, metrics, what is running.

import Fastify, { type FastifyInstance } from 'fastify';

import { addNotFound } from './problems/not-found.ts';
import { addProblemDetails } from './problems/error-handler.ts';
import { addSecurityHeaders } from './hooks/security-headers.ts';
import type { Log } from '../observability/log-fields.ts';
import type { CurrentTrace, State } from './ports.ts';
import type { Readiness } from '../lifecycle/readiness.ts';
import { makeNextRequestId } from './request-id.ts';
import { addHealth } from './routes/health.ts';

export type ManagementServerDeps = {
  readonly logger: Log;
  readonly currentTrace: CurrentTrace;
  readonly state: State;
  readonly readiness: Pick<Readiness, 'report'>;
  /** prom-client's Registry fits. */
  readonly registry: { metrics(): Promise<string>; readonly contentType: string };
  readonly info: { readonly service: string; readonly env: string; readonly version: string; readonly commit: string };
};

/** Not yet listening. It is opened first and closed last, so that the platform can ask for as long as the process lives. */
export const makeManagementServer = async (deps: ManagementServerDeps): Promise<FastifyInstance> => {
  const { registry, info } = deps;
  const app = Fastify({ logger: false, genReqId: makeNextRequestId(), return503OnClosing: false });
  addProblemDetails(app, deps);
  addSecurityHeaders(app, { state: () => 'ready' });
  addNotFound(app);
  addHealth(app, deps);
  app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
  app.get('/info', () => info);
  await app.ready();
  return app;
};
