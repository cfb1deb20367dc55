// For the platform, on a port of its own that is never published: probes, metrics, build information.

import Fastify, { type FastifyInstance } from 'fastify';

import { addHooks } from './hooks/add-hooks.ts';
import { makeSecurityHeaders } from './hooks/security-headers.ts';
import { makeErrorHandler } from './problems/error-handler.ts';
import { HTTP_PROBLEM_TYPES } from './problems/http-problem-types.ts';
import { notFound } from './problems/not-found.ts';
import { makeNextRequestId } from './request-id.ts';
import { addHealth, type HealthDeps } from './routes/health.ts';

export type ManagementServerDeps = HealthDeps &
  Omit<Parameters<typeof makeErrorHandler>[0], 'problemTypes'> & {
    /** prom-client's Registry satisfies it. */
    readonly registry: { metrics(): Promise<string>; readonly contentType: string };
    readonly info: Readonly<Record<'service' | 'env' | 'version' | 'commit', string>>;
  };

/** Not yet listening. Open it first and close it last, so that the platform can probe for as long as the process lives. */
export const makeManagementServer = async (deps: ManagementServerDeps): Promise<FastifyInstance> => {
  const { registry, info } = deps;
  const app = Fastify({ logger: false, genReqId: makeNextRequestId(), return503OnClosing: false });
  app.setErrorHandler(makeErrorHandler({ ...deps, problemTypes: HTTP_PROBLEM_TYPES }));
  addHooks(app, makeSecurityHeaders({ isDraining: () => false }), notFound);
  addHealth(app, deps);
  app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
  app.get('/info', () => info);
  await app.ready();
  return app;
};
