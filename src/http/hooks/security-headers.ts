// https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers
// One constant object for every response; the documentation page replaces the content policy by its own.

import type { FastifyReply, FastifyRequest } from 'fastify';

export const SECURITY_HEADERS = {
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
} as const;

/** While draining, every response also asks the client to reconnect: to another process. */
export const makeSecurityHeaders = ({ isDraining }: { readonly isDraining: () => boolean }) => ({
  onRequestSync: (_request: FastifyRequest, reply: FastifyReply): void => {
    reply.headers(SECURITY_HEADERS);
    if (isDraining()) reply.header('connection', 'close');
  },
});
