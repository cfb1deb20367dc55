// One log line and one histogram sample per request, when it has ended: served, refused, or given up by its caller. Labels are the route's
// pattern, never the path.

import type { FastifyRequest, RouteOptions } from 'fastify';

import type { Log, LogFields } from '../../observability/log-fields.ts';
import type { CacheLabel, RequestLabels } from '../../observability/metrics/request-histogram.ts';
import type { OnEnd } from '../connections/open-requests.ts';
import { clientAddress } from './client-address.ts';

declare module 'fastify' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- it adds to an interface
  interface FastifyRequest {
    /** Set by the route that reads through a cache. */
    cache: CacheLabel;
  }
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- as above
  interface FastifyContextConfig {
    isCached?: boolean;
  }
}

/** observability/metrics/request-histogram.ts has it. */
export type RequestHistogram = {
  labels(labels: RequestLabels): { observe(seconds: number): void };
  zero(labels: RequestLabels): void;
};

type Deps = { readonly logger: Log; readonly requestSeconds: RequestHistogram };
type Fields = Pick<LogFields, 'requestId' | 'code' | 'address' | 'fault'>;
type Observe = (status: number, durationMs: number, fields: Fields, cache: CacheLabel) => void;
type Samples = ReturnType<RequestHistogram['labels']>;

/** The caller was refused: who is it, the line says by its address. */
const REFUSED = new Set([401, 403, 429]);

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const OTHER = 'OTHER';
const UNMATCHED = 'unmatched';

/** Made once per route: labels are bound and log objects have one shape, so a request pays little. */
const makeObserve = ({ logger, requestSeconds }: Deps, method: string, route: string): Observe => {
  const known = { hit: new Map<number, Samples>(), miss: new Map<number, Samples>(), none: new Map<number, Samples>() };
  const samplesOf = (status: number, cache: CacheLabel): Samples => {
    const found = known[cache].get(status); // eslint-disable-line security/detect-object-injection -- one of three words
    if (found !== undefined) return found;
    const samples = requestSeconds.labels({ method, route, status: String(status), cache });
    known[cache].set(status, samples); // eslint-disable-line security/detect-object-injection -- as above
    return samples;
  };
  return (status, durationMs, { requestId, code, address, fault }, cache) => {
    samplesOf(status, cache).observe(durationMs / 1000);
    const fields = { method, route, status, durationMs, requestId };
    const isOrdinary = code === undefined && address === undefined && fault === undefined;
    logger.info(isOrdinary ? fields : { ...fields, code, address, fault }, 'request completed');
  };
};

/** What the operations of the API document: each success, and 500. Other statuses get their series when they first occur. */
const expectedLabels = ({ method, url, schema, config }: RouteOptions): RequestLabels[] => {
  if (config?.docs === undefined) return [];
  const documented = Object.keys({ ...(schema?.response as object | undefined), ...config.docs.responses });
  const statuses = [...documented.filter((status) => status.startsWith('2')), '500'];
  const caches: readonly CacheLabel[] = config.isCached === true ? ['hit', 'miss'] : ['none'];
  return [method]
    .flat()
    .filter((name) => name !== 'HEAD')
    .flatMap((name) =>
      statuses.flatMap((status) => caches.map((cache) => ({ method: name, route: url, status, cache }))),
    );
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
    /** The first failure of an operation must be an increase of its series. */
    onRoute: (route: RouteOptions): void => {
      for (const labels of expectedLabels(route)) deps.requestSeconds.zero(labels);
    },
    onEnd: ((request, _reply, status, durationMs) => {
      const method = METHODS.has(request.method) ? request.method : OTHER;
      const address = REFUSED.has(status) ? clientAddress(request) : undefined;
      const fields = { requestId: request.id, address, fault: request.fault };
      observeOf(method, patternOf(request))(status, durationMs, fields, request.cache);
    }) satisfies OnEnd,
    /** For what could not be parsed: neither its method nor its path is known. */
    refused: (status: number, fields: Fields): void => {
      observeOf(OTHER, UNMATCHED)(status, 0, fields, 'none');
    },
  };
};

export type RequestLog = ReturnType<typeof makeRequestLog>;
