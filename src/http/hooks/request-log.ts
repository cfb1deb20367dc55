// One log line and one histogram sample per request, when it has ended: served, refused, or given up by its caller. Labels are the route's
// pattern, never the path.

import type { FastifyRequest } from 'fastify';

import type { Log, LogFields } from '../../observability/log-fields.ts';
import type { OnEnd } from '../connections/open-requests.ts';
import { clientAddress } from './client-address.ts';

/** prom-client's Histogram satisfies it. */
export type RequestHistogram = {
  labels(labels: { method: string; route: string; status: string }): { observe(seconds: number): void };
};

type Deps = { readonly logger: Log; readonly requestSeconds: RequestHistogram };
type Fields = Pick<LogFields, 'requestId' | 'code' | 'address'>;
type Observe = (status: number, durationMs: number, fields: Fields) => void;
type Child = ReturnType<RequestHistogram['labels']>;

/** The caller was refused: who is it, the line says by its address. */
const REFUSED = new Set([401, 403, 429]);

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const OTHER = 'OTHER';
const UNMATCHED = 'unmatched';

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
  return (status, durationMs, { requestId, code, address }) => {
    childOf(status).observe(durationMs / 1000);
    const fields = { method, route, status, durationMs, requestId };
    const isOrdinary = code === undefined && address === undefined;
    logger.info(isOrdinary ? fields : { ...fields, code, address }, 'request completed');
  };
};

export const makeRequestLog = (deps: Deps) => {
  const routes = new Map<string, Map<string, Observe>>();
  const observeOf = (method: string, route: string): Observe => {
    const known = routes.get(route)?.get(method);
    if (known !== undefined) return known;
    const observe = makeObserve(deps, method, route);
    routes.set(route, (routes.get(route) ?? new Map<string, Observe>()).set(method, observe));
    return observe;
  };
  const patternOf = ({ routeOptions: { url } }: FastifyRequest): string => url ?? UNMATCHED;

  return {
    onEnd: ((request, _reply, status, durationMs) => {
      const method = METHODS.has(request.method) ? request.method : OTHER;
      const address = REFUSED.has(status) ? clientAddress(request) : undefined;
      observeOf(method, patternOf(request))(status, durationMs, { requestId: request.id, address });
    }) satisfies OnEnd,
    /** For what could not be parsed: neither its method nor its path is known. */
    refused: (status: number, fields: Fields): void => {
      observeOf(OTHER, UNMATCHED)(status, 0, fields);
    },
  };
};

export type RequestLog = ReturnType<typeof makeRequestLog>;
