import type { FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';

import { HttpError } from '../errors.ts';

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Distinguishes an unknown path (404) from a method that the path does not have (405), before any body is read. */
export const notFound = {
  onRequestSync: (request: FastifyRequest, reply: FastifyReply): void => {
    if (!request.is404) return;
    const url = request.url.split('?', 1)[0] ?? '';
    const allowed = METHODS.filter((method) => Boolean(request.server.findRoute({ method, url })));
    if (allowed.length === 0) throw new HttpError('ROUTE_NOT_FOUND', 'Nothing is served at this path.');
    reply.header('allow', allowed.join(', '));
    throw new HttpError('METHOD_NOT_ALLOWED', 'This path does not support this method.');
  },
};
