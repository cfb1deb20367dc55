// https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers
// One constant object for every answer; the docs page replaces the content policy by its own.

import type { FastifyInstance } from 'fastify';

import type { State } from '../ports.ts';

export const SECURITY_HEADERS = {
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
} as const;

/** While draining, every answer also asks the client to connect anew: to another process. */
export const addSecurityHeaders = (app: FastifyInstance, { state }: { state: State }): void => {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(SECURITY_HEADERS);
    if (state() === 'draining') reply.header('connection', 'close');
    done();
  });
};
