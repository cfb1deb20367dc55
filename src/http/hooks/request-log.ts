// One log line and one histogram sample per request, when its response was sent. Labels are the route's pattern, never the path.

import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Log } from '../../observability/log-fields.ts';
import { clientAddress } from './client-address.ts';
import type { Hooks } from './add-hooks.ts';

/** prom-client's Histogram satisfies it. */
export type RequestHistogram = {
  labels(labels: { method: string; route: string; status: string }): { observe(seconds: number): void };
};

type Deps = { readonly logger: Log; readonly requestSeconds: RequestHistogram };
type Observe = (request: FastifyRequest, reply: FastifyReply) => void;
type Child = ReturnType<RequestHistogram['labels']>;

/** The caller was refused: who is it, the line says by its address. */
const REFUSED = new Set([401, 403, 429]);

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Made once per route: labels are bound and log objects have one shape, so a request pays little. */
const makeObserve = ({ logger, requestSeconds }: Deps, method: string, route: string): Observe => {
  const children = new Map<number, Child>();
  const childOf = (status: number): Child => {
    const known = children.get(status);
    if (known !== undefined) return known;
    const child = requestSeconds.labels({ method, route, status: String(status) });
    children.set(status, child);
    return child;
  };
  return (request, reply) => {
    const { statusCode: status, elapsedTime } = reply;
    const durationMs = Math.round(elapsedTime * 1000) / 1000;
    childOf(status).observe(durationMs / 1000);
    const address = REFUSED.has(status) ? clientAddress(request) : undefined;
    logger.info({ method, route, status, durationMs, requestId: request.id, address }, 'request completed');
  };
};

const observeUnmatched = (deps: Deps): Observe => {
  const known = new Map([...METHODS, 'OTHER'].map((method) => [method, makeObserve(deps, method, 'unmatched')]));
  return (request, reply) => {
    known.get(METHODS.has(request.method) ? request.method : 'OTHER')?.(request, reply);
  };
};

/** Must be added before the routes. */
export const makeRequestLog = (deps: Deps): Hooks => {
  const unmatched = observeUnmatched(deps);
  return {
    onRoute: (route) => {
      const observe = makeObserve(deps, String(route.method), route.url);
      route.onResponse = [route.onResponse ?? []].flat().concat((request, reply, done) => {
        observe(request, reply);
        done();
      });
    },
    onResponse: (request, reply, done) => {
      if (request.is404) unmatched(request, reply);
      done();
    },
  };
};
