// For the platform, on a port of its own that is never published: probes, metrics, build information, and what operators may do: handles.ts.

import Fastify, { type FastifyInstance } from 'fastify';

import { closeConnections } from '../connections/close-connections.ts';
import { limitConnections } from '../connections/connection-limits.ts';
import { toServerTimeouts } from '../connections/server-timeouts.ts';
import { addHooks } from '../hooks/add-hooks.ts';
import { makeSecurityHeaders } from '../hooks/security-headers.ts';
import { makeErrorHandler } from '../problems/error-handler.ts';
import { HTTP_PROBLEM_TYPES } from '../problems/http-problem-types.ts';
import { notFound } from '../problems/not-found.ts';
import { AJV } from '../problems/validation.ts';
import { makeNextRequestId } from '../request-id.ts';
import { addHealth, type HealthDeps } from '../routes/health.ts';

export type ManagementServerDeps = HealthDeps &
  Omit<Parameters<typeof makeErrorHandler>[0], 'problemTypes'> & {
    /** prom-client's Registry satisfies it. */
    readonly registry: { metrics(): Promise<string>; readonly contentType: string };
    /** Adds what operators may do: handles.ts. Undefined without a token of operators. */
    readonly addHandles: ((app: FastifyInstance) => void) | undefined;
    readonly info: Readonly<Record<'service' | 'env' | 'version' | 'commit', string>>;
  };

const SOCKET_TIMEOUT_MS = 10_000;
const TIMEOUTS = {
  ...toServerTimeouts({ keepAliveTimeoutMs: 65_000, headerLimitBytes: 8192 }),
  connectionTimeout: SOCKET_TIMEOUT_MS,
};

/** A few probes and scrapers connect to it. */
const LIMITS = { maxConnections: 500, maxConnectionsPerAddress: 50, trustProxy: [] };

/** For the response to a probe or a scrape. */
const CLOSE_WITHIN_MS = 1000;

/** Not yet listening. Open it first and close it last, so that the platform can probe for as long as the process lives. */
export const makeManagementServer = async (deps: ManagementServerDeps): Promise<FastifyInstance> => {
  const { registry, info, addHandles } = deps;
  const genReqId = makeNextRequestId();
  const app = Fastify({
    ...TIMEOUTS,
    logger: false,
    genReqId,
    return503OnClosing: false,
    ajv: AJV,
  });
  app.setErrorHandler(makeErrorHandler({ ...deps, problemTypes: HTTP_PROBLEM_TYPES }));
  const requests = addHooks(app, makeSecurityHeaders({ isDraining: () => false }), notFound);
  limitConnections(app.server, LIMITS);
  closeConnections(app, { requests, withinMs: CLOSE_WITHIN_MS, socketTimeoutMs: SOCKET_TIMEOUT_MS });
  addHealth(app, deps);
  app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
  app.get('/info', () => info);
  addHandles?.(app);
  await app.ready();
  return app;
};
