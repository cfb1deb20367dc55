// The public server: what every request passes, in order, then the routes.

import Fastify, { type FastifyHttpOptions, type RawServerDefault } from 'fastify';

import type { AttemptLimit } from '../rate-limit/ports.ts';
import type { Log } from '../observability/log-fields.ts';
import type { Api } from './api.ts';
import { DEPRECATIONS, type Deprecations } from './openapi/deprecations.ts';
import { addApiDocument } from './openapi/plugin.ts';
import { makeAuthenticate } from './hooks/authenticate.ts';
import { makeClientErrorHandler } from './problems/client-error.ts';
import { addDeadline } from './hooks/deadline.ts';
import { addDeprecation } from './openapi/deprecation.ts';
import { addJsonBody } from './hooks/json-body.ts';
import { addNotFound } from './problems/not-found.ts';
import { addProblemDetails, makeErrorHandler } from './problems/error-handler.ts';
import { addRateLimit } from './hooks/rate-limit.ts';
import { addRequestHead } from './hooks/request-head.ts';
import { addRequestLog } from './hooks/request-log.ts';
import { addSecurityHeaders, SECURITY_HEADERS } from './hooks/security-headers.ts';
import { makeStrictLimit } from './hooks/strict-limit.ts';
import { addValidation, AJV } from './problems/validation.ts';
import type { AuthUseCases, CurrentTrace, OrderUseCases, State, UserUseCases } from './ports.ts';
import type { GeneralLimit } from '../rate-limit/ports.ts';
import type { RequestHistogram } from './hooks/request-log.ts';
import type { VerifyAccessToken } from './hooks/authenticate.ts';
import { makeNextRequestId } from './request-id.ts';
import { addRoutes } from './routes.ts';

export type PublicServerOptions = {
  /** Of the release; shown in the document. */
  readonly version: string;
  readonly requestTimeoutMs: number;
  readonly bodyLimitBytes: number;
  readonly headerLimitBytes: number;
  readonly keepAliveTimeoutMs: number;
  /** Addresses or CIDRs of proxies whose X-Forwarded-For is believed; none unless named. */
  readonly trustProxy: readonly string[];
  /** The next three are told to callers; `generalLimit` and `strictLimit` count. */
  readonly rateLimitPerSecond: number;
  readonly rateLimitBurst: number;
  readonly strictLimitPerMinute: number;
};

export type PublicServerDeps = {
  readonly options: PublicServerOptions;
  readonly logger: Log;
  readonly metrics: { readonly httpRequestSeconds: RequestHistogram };
  readonly currentTrace: CurrentTrace;
  readonly state: State;
  readonly generalLimit: GeneralLimit;
  readonly strictLimit: AttemptLimit;
  readonly verifyAccessToken: VerifyAccessToken;
  readonly publicJwks: () => { keys: object[] };
  /** The table of deprecations.ts unless a test plants one. */
  readonly deprecations?: Deprecations;
} & UserUseCases &
  OrderUseCases &
  AuthUseCases;

/** How long a client may take to send a request at all; what it then costs is bounded by the deadline. */
const RECEIVE_TIMEOUT_MS = 10_000;

const serverOptions = (deps: PublicServerDeps): FastifyHttpOptions<RawServerDefault> => {
  const { options, logger } = deps;
  const nextRequestId = makeNextRequestId();
  const handleError = makeErrorHandler(deps);
  return {
    logger: false, // one line per request is written by request-log.ts, not by a child logger per request
    genReqId: nextRequestId,
    trustProxy: options.trustProxy.length === 0 ? false : [...options.trustProxy],
    bodyLimit: options.bodyLimitBytes,
    keepAliveTimeout: options.keepAliveTimeoutMs,
    requestTimeout: RECEIVE_TIMEOUT_MS,
    // while closing, requests on open connections are still served, with `Connection: close`: nothing is dropped in a roll-out
    return503OnClosing: false,
    http: {
      maxHeaderSize: options.headerLimitBytes,
      headersTimeout: RECEIVE_TIMEOUT_MS,
      connectionsCheckingInterval: 1000,
    },
    ajv: AJV,
    frameworkErrors: (error, request, reply) => {
      handleError(error, request, reply.headers(SECURITY_HEADERS));
    },
    clientErrorHandler: makeClientErrorHandler({ logger, nextRequestId }),
  };
};

/** Not yet listening: the caller listens when everything behind it is ready. */
export const makePublicServer = async (deps: PublicServerDeps): Promise<Api> => {
  const { options, logger, metrics, state, deprecations = DEPRECATIONS } = deps;
  const app: Api = Fastify(serverOptions(deps));
  app.decorateRequest('principal', null);

  addProblemDetails(app, deps);
  addRequestLog(app, { logger, requestSeconds: metrics.httpRequestSeconds });
  addSecurityHeaders(app, { state });
  addDeadline(app, { timeoutMs: options.requestTimeoutMs });
  addRateLimit(app, { ...options, limit: deps.generalLimit });
  addRequestHead(app);
  addNotFound(app);
  addJsonBody(app);
  addValidation(app);
  addDeprecation(app, deprecations);
  await addApiDocument(app, { ...options, deprecations });

  addRoutes(app, {
    ...deps,
    authenticate: makeAuthenticate(deps.verifyAccessToken),
    strictLimit: makeStrictLimit({ limit: deps.strictLimit, perMinute: options.strictLimitPerMinute }),
  });
  await app.ready();
  return app;
};
