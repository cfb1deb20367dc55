// The public server: what every request passes, in order, then the routes.

import Fastify, { type FastifyHttpOptions, type RawServerDefault } from 'fastify';

import type { Log } from '../observability/log-fields.ts';
import type { AttemptLimit, GeneralLimit } from '../rate-limit/ports.ts';
import type { Api } from './api.ts';
import { addHooks, type Hooks } from './hooks/add-hooks.ts';
import { makeAuthenticate, type VerifyAccessToken } from './hooks/authenticate.ts';
import { makeTrustProxy } from './hooks/client-address.ts';
import { makeDeadline } from './hooks/deadline.ts';
import { acceptOnlyJson } from './hooks/json-body.ts';
import { makeRateLimit } from './hooks/rate-limit.ts';
import { requestHead } from './hooks/request-head.ts';
import { makeRequestLog, type RequestHistogram } from './hooks/request-log.ts';
import { makeSecurityHeaders, SECURITY_HEADERS } from './hooks/security-headers.ts';
import { makeStrictLimit } from './hooks/strict-limit.ts';
import { makeDeprecation } from './openapi/deprecation.ts';
import { DEPRECATIONS, type Deprecations } from './openapi/deprecations.ts';
import { openApi } from './openapi/plugin.ts';
import { makeClientErrorHandler } from './problems/client-error.ts';
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
  /** hooks/load-shedding.ts makes it. */
  readonly loadShedding: Hooks;
  readonly generalLimit: GeneralLimit;
  readonly strictLimit: AttemptLimit;
  readonly verifyAccessToken: VerifyAccessToken;
  /** Default: the table of openapi/deprecations.ts. */
  readonly deprecations?: Deprecations;
};

/** For receiving a whole request; serving it is bounded by the deadline. */
const RECEIVE_TIMEOUT_MS = 10_000;

const serverOptions = (
  { options, logger }: PublicServerDeps,
  handleError: ReturnType<typeof makeErrorHandler>,
): FastifyHttpOptions<RawServerDefault> => {
  const nextRequestId = makeNextRequestId();
  return {
    logger: false, // one line per request is written by hooks/request-log.ts, not by a child logger per request
    genReqId: nextRequestId,
    trustProxy: makeTrustProxy(options.trustProxy),
    bodyLimit: options.bodyLimitBytes,
    keepAliveTimeout: options.keepAliveTimeoutMs,
    requestTimeout: RECEIVE_TIMEOUT_MS,
    // while closing, requests on open connections are still served, with `Connection: close`: no request is dropped during a rollout
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

/** Not yet listening: the caller listens when all dependencies are ready. */
export const makePublicServer = async (deps: PublicServerDeps): Promise<Api> => {
  const { options, logger, metrics, isDraining, deprecations = DEPRECATIONS } = deps;
  const handleError = makeErrorHandler({ ...deps, problemTypes: PROBLEM_TYPES });
  const app: Api = Fastify(serverOptions(deps, handleError));
  app.decorateRequest('principal', null);
  app.setErrorHandler(handleError);
  app.setSchemaErrorFormatter(toValidationError);
  acceptOnlyJson(app);

  addHooks(
    app,
    makeRequestLog({ logger, requestSeconds: metrics.httpRequestSeconds }),
    makeSecurityHeaders({ isDraining }),
    deps.loadShedding,
    makeDeadline({ timeoutMs: options.requestTimeoutMs }),
    makeRateLimit({ ...options, limit: deps.generalLimit }),
    requestHead,
    notFound,
    makeDeprecation(deprecations),
  );
  await app.register(openApi, { version: options.version, deprecations });

  addRoutes(app, {
    ...deps,
    authenticate: makeAuthenticate(deps.verifyAccessToken),
    strictLimit: makeStrictLimit({ limit: deps.strictLimit, perMinute: options.strictLimitPerMinute }),
  });
  await app.ready();
  return app;
};
