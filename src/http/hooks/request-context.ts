// The request that is being served, for what needs it deep below a route: the audit log. Nothing else reads it; a use case gets arguments.

import { AsyncLocalStorage } from 'node:async_hooks';

import type { FastifyRequest, onRequestHookHandler, preValidationHookHandler } from 'fastify';

import type { RequestContext } from '../../observability/audit/audit-log.ts';
import { clientAddress } from './client-address.ts';

export const makeRequestContext = () => {
  const storage = new AsyncLocalStorage<FastifyRequest>();
  const toContext = (request: FastifyRequest): RequestContext => {
    const { id: requestId, principal } = request;
    const actor = principal === null ? undefined : { kind: principal.kind, id: principal.subject };
    return { requestId, address: clientAddress(request), actor };
  };
  return {
    current: (): RequestContext | undefined => {
      const request = storage.getStore();
      return request === undefined ? undefined : toContext(request);
    },
    onRequest: ((request, _reply, done) => {
      storage.run(request, done);
    }) satisfies onRequestHookHandler,
    /** The body arrives in events of the connection, which is not part of the request: what follows is. */
    preValidation: ((request, _reply, done) => {
      if (request.body === undefined) done();
      else storage.run(request, done);
    }) satisfies preValidationHookHandler,
  };
};

export type RequestContextHooks = ReturnType<typeof makeRequestContext>;
