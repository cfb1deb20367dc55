// Fastify responds to a path that its router refuses (one that can't be decoded, or has a part that is too long) without running any
// hook. Here such a request is routed once more, as one without a route: it is limited, logged and measured like every other.

import type { IncomingMessage } from 'node:http';

import type { FastifyHttpOptions, FastifyRequest, RawServerDefault } from 'fastify';

/** No route may match it. */
const UNROUTABLE_PATH = '/unroutable';

type FrameworkErrors = NonNullable<FastifyHttpOptions<RawServerDefault>['frameworkErrors']>;

/** @param route routes a request again: `app.routing` */
export const makeRouterErrors = (
  route: (...args: [IncomingMessage, Parameters<FrameworkErrors>[2]['raw']]) => void,
) => {
  const errorOf = new WeakMap<IncomingMessage, Error>();
  return {
    frameworkErrors: ((error, { raw }, reply) => {
      errorOf.set(raw, error);
      raw.url = UNROUTABLE_PATH;
      route(raw, reply.raw);
    }) satisfies FrameworkErrors,
    /** Add it after the hooks that such a request has to pass. */
    hooks: {
      onRequestSync: (request: FastifyRequest): void => {
        const error = request.is404 ? errorOf.get(request.raw) : undefined;
        if (error !== undefined) throw error;
      },
    },
  };
};
