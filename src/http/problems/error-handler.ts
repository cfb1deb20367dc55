// The edge where every error ends: it becomes an answer here, and is logged here, once, when it is ours.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Log } from '../../observability/log-fields.ts';
import type { CurrentTrace } from '../ports.ts';
import { problemHeaders, toKnownError, toProblem } from './problem.ts';
import { problemType } from './problem-types.ts';

type Deps = { readonly logger: Log; readonly currentTrace: CurrentTrace };

/** 500 always; 503 when something failed, not when load was shed. */
const logFault = (logger: Log, error: ReturnType<typeof toKnownError>, requestId: string): void => {
  if (error.code === 'INTERNAL') logger.error({ err: error.cause ?? error, requestId }, 'request failed');
  else if (problemType(error.code).status === 503 && error.cause !== undefined) {
    logger.warn({ err: error, requestId }, 'request could not be served');
  }
};

export const makeErrorHandler =
  ({ logger, currentTrace }: Deps) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const known = toKnownError(error);
    logFault(logger, known, request.id);
    const problem = toProblem(known, currentTrace()?.traceId ?? request.id);
    return reply.code(problem.status).headers(problemHeaders(known)).send(JSON.stringify(problem));
  };

export const addProblemDetails = (app: FastifyInstance, deps: Deps): void => {
  app.setErrorHandler(makeErrorHandler(deps));
};
