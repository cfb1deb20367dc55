import type { FastifyInstance, HTTPMethods } from 'fastify';

import { HttpError } from '../errors.ts';

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Tells a path that nobody serves (404) from a method that this path doesn't have (405), before any body is read. */
export const addNotFound = (app: FastifyInstance): void => {
  const allowedAt = (url: string): string[] => METHODS.filter((method) => Boolean(app.findRoute({ method, url })));

  app.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) {
      done();
      return;
    }
    const allowed = allowedAt(request.url.split('?', 1)[0] ?? '');
    if (allowed.length === 0) throw new HttpError('ROUTE_NOT_FOUND', 'Nothing is served at this path.');
    reply.header('allow', allowed.join(', '));
    throw new HttpError('METHOD_NOT_ALLOWED', 'This path is not served with this method.');
  });
};
