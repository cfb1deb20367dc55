// The public server: what every request passes, in order, then the routes.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import Fastify, { type FastifyHttpOptions, type RawServerDefault } from 'fastify';

import type { Audit } from '../observability/audit/audit-log.ts';
import type { Log } from '../observability/log-fields.ts';
import type { AttemptLimit, GeneralLimit } from '../rate-limit/ports.ts';
import type { Api } from './api.ts';
import { closeConnections } from './connections/close-connections.ts';
import { limitConnections } from './connections/connection-limits.ts';
import type { OpenRequests } from './connections/open-requests.ts';
import { toServerTimeouts } from './connections/server-timeouts.ts';
import { addHooks, type Hooks } from './hooks/add-hooks.ts';
import { makeAuthenticate, type VerifyAccessToken } from './hooks/authenticate.ts';
import { clientOf, makeTrustProxy } from './hooks/client-address.ts';
import { addDeadline } from './hooks/deadline.ts';
import { acceptOnlyJson, ignoreTypeOfNothing } from './hooks/json-body.ts';
import { makeRateLimit } from './hooks/rate-limit.ts';
import { requestHead } from './hooks/request-head.ts';
import { makeRequestLog, type RequestHistogram, type RequestLog } from './hooks/request-log.ts';
import { makeRouterErrors } from './hooks/router-errors.ts';
import { makeSecurityHeaders } from './hooks/security-headers.ts';
import { makeStrictLimit } from './hooks/strict-limit.ts';
import { makeDeprecation } from './openapi/deprecation.ts';
import { DEPRECATIONS, type Deprecations } from './openapi/deprecations.ts';
import { openApi } from './openapi/plugin.ts';
import { makeClientErrors } from './problems/client-error.ts';
import { makeAuditRefusals } from './problems/audit-refusals.ts';
import { makeErrorHandler } from './problems/error-handler.ts';
import { notFound } from './problems/not-found.ts';
import { PROBLEM_TYPES } from './problems/problem-types.ts';
import { AJV, toValidationError } from './problems/validation.ts';
import { makeNextRequestId } from './request-id.ts';
import { addRoutes, type RouteDeps } from './routes.ts';

export type PublicServerOptions = {
  /** Version of the release; shown in the OpenAPI document. */
  readonly version: string;
  readonly requestTimeoutMs: number;
  readonly bodyLimitBytes: number;
  readonly headerLimitBytes: number;
  readonly keepAliveTimeoutMs: number;
  /** connections/server-timeouts.ts */
  readonly socketTimeoutMs: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  /** Whether the OpenAPI document and the page that shows it are served. */
  readonly docs: boolean;
  /** Addresses or CIDRs of proxies whose X-Forwarded-For is trusted. Empty: none. */
  readonly trustProxy: readonly string[];
  /** The next three are reported to callers; `generalLimit` and `strictLimit` count. */
  readonly rateLimitPerSecond: number;
  readonly rateLimitBurst: number;
  readonly strictLimitPerMinute: number;
};

export type PublicServerDeps = Omit<RouteDeps, 'authenticate' | 'strictLimit'> & {
  readonly options: PublicServerOptions;
  readonly logger: Log;
  readonly metrics: { readonly httpRequestSeconds: RequestHistogram };
  readonly currentTrace: () => { readonly traceId: string } | undefined;
  readonly isDraining: () => boolean;
  /** Called for each connection above a limit: the place for a counter. */
  readonly onConnectionRefused?: () => void;
  readonly audit: Audit;
  /** hooks/request-context.ts makes it; the audit log takes the current request from it. */
  readonly requestContext: Hooks;
  /** hooks/fault-injection.ts makes it, for where faults are injected. */
  readonly faultHooks?: Hooks;
  /** hooks/load-shedding.ts makes it. */
  readonly loadShedding: Hooks;
  readonly generalLimit: GeneralLimit;
  readonly strictLimit: AttemptLimit;
  readonly verifyAccessToken: VerifyAccessToken;
  /** Default: the table of openapi/deprecations.ts. */
  readonly deprecations?: Deprecations;
};

/** After a request's deadline, for its response to reach the caller. */
const LAST_RESPONSE_MS = 1000;

const serverOptions = (
  { options }: PublicServerDeps,
  genReqId: () => string,
  frameworkErrors: ReturnType<typeof makeRouterErrors>['frameworkErrors'],
): FastifyHttpOptions<RawServerDefault> => {
  const { http, ...timeouts } = toServerTimeouts(options);
  return {
    ...timeouts,
    http: { ...http, requireHostHeader: false }, // hooks/request-head.ts responds with a problem document
    logger: false, // one line per request is written by hooks/request-log.ts, not by a child logger per request
    genReqId,
    trustProxy: makeTrustProxy(options.trustProxy),
    bodyLimit: options.bodyLimitBytes,
    // while closing, requests on open connections are still served, with `Connection: close`: no request is dropped during a rollout
    return503OnClosing: false,
    ajv: AJV,
    frameworkErrors,
    clientErrorHandler: () => undefined, // handleConnections has it
  };
};

type ConnectionDeps = {
  readonly deps: PublicServerDeps;
  readonly requests: OpenRequests;
  readonly requestLog: RequestLog;
  readonly nextRequestId: () => string;
};

const handleConnections = ({ server }: Api, { deps, ...rest }: ConnectionDeps): void => {
  const { options, generalLimit, onConnectionRefused } = deps;
  const isProxy = makeTrustProxy(options.trustProxy) || (() => false);
  const clientErrors = makeClientErrors({
    ...rest,
    takeGeneral: ({ remoteAddress: ip = '' }) =>
      ip === '' || isProxy(ip) ? undefined : generalLimit.take(clientOf({ ip }).networks),
  });
  limitConnections(server, { ...options, ...(onConnectionRefused && { onRefused: onConnectionRefused }) });
  server.on('clientError', clientErrors.onClientError);
  server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    clientErrors.onConnect(socket);
  });
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    server.emit('request', request, response); // hooks/request-head.ts rejects it
  });
};

/** Not yet listening: the caller listens when all dependencies are ready. */
export const makePublicServer = async (deps: PublicServerDeps): Promise<Api> => {
  const { options, logger, metrics, isDraining, deprecations = DEPRECATIONS } = deps;
  const nextRequestId = makeNextRequestId();
  const routerErrors = makeRouterErrors((request, response) => {
    app.routing(request, response);
  });
  const app: Api = Fastify(serverOptions(deps, nextRequestId, routerErrors.frameworkErrors));
  app.decorateRequest('principal', null);
  app.decorateRequest('cache', 'none');
  const { audit, requestContext } = deps;
  app.setErrorHandler(makeErrorHandler({ ...deps, problemTypes: PROBLEM_TYPES, onProblem: makeAuditRefusals(audit) }));
  app.setSchemaErrorFormatter(toValidationError);
  acceptOnlyJson(app);

  const requestLog = makeRequestLog({ logger, requestSeconds: metrics.httpRequestSeconds });
  const requests = addHooks(
    app,
    requestContext,
    deps.faultHooks ?? {},
    requestLog,
    makeSecurityHeaders({ isDraining }),
    deps.loadShedding,
    makeRateLimit({ ...options, limit: deps.generalLimit }),
    routerErrors.hooks,
    requestHead,
    notFound,
    ignoreTypeOfNothing,
    makeDeprecation(deprecations),
  );
  const { requestTimeoutMs: timeoutMs, socketTimeoutMs } = options;
  addDeadline(app, { requests, timeoutMs, socketTimeoutMs });
  handleConnections(app, { deps, requests, requestLog, nextRequestId });
  closeConnections(app, { requests, withinMs: timeoutMs + LAST_RESPONSE_MS, socketTimeoutMs });
  if (options.docs) await app.register(openApi, { version: options.version, deprecations, socketTimeoutMs });

  addRoutes(app, {
    ...deps,
    ...options,
    authenticate: makeAuthenticate(deps.verifyAccessToken),
    strictLimit: makeStrictLimit({ limit: deps.strictLimit, perMinute: options.strictLimitPerMinute }),
  });
  await app.ready();
  return app;
};
