// The HTTP servers: notifications on the public port; probes and metrics on the management port, which must not be exposed.

import Fastify, { type FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';

import type { OutboxFolder } from './outbox-folder.ts';

const query = {
  type: 'object',
  required: ['userId'],
  properties: { userId: { type: 'string', pattern: '^[0-9a-fA-F-]{36}$' } },
  additionalProperties: false,
} as const;

const PROBLEM = 'application/problem+json';

/** RFC 9457 problem documents; an unexpected error exposes no details. */
const addProblems = (app: FastifyInstance): void => {
  app.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) => {
    const status = error.statusCode ?? 500;
    const title = status < 500 ? error.message : 'Internal error';
    return reply.code(status).type(PROBLEM).send({ type: 'about:blank', title, status });
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type(PROBLEM).send({ type: 'about:blank', title: 'Route not found', status: 404 }),
  );
};

/** Not yet listening. */
export const makePublicServer = ({ list }: Pick<OutboxFolder, 'list'>): FastifyInstance => {
  const app = Fastify({ logger: false, ajv: { customOptions: { removeAdditional: false } } });
  addProblems(app);
  app.get<{ Querystring: { userId: string } }>('/notifications', { schema: { querystring: query } }, (request) => ({
    notifications: list(request.query.userId.toLowerCase()),
  }));
  return app;
};

/** Not yet listening. Ready means that the dependencies are up and the consumer group is joined. */
export const makeManagementServer = (deps: { registry: Registry; isReady: () => boolean }): FastifyInstance => {
  const app = Fastify({ logger: false });
  addProblems(app);
  app.get('/health/live', () => ({ status: 'live' }));
  app.get('/health/ready', (_request, reply) => {
    const ready = deps.isReady();
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'unready' });
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(deps.registry.contentType).send(await deps.registry.metrics()),
  );
  return app;
};
