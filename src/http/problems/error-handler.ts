// Fastify's error handler: every error becomes a problem document here, and is logged here, once, when it is the service's own.

import type { FastifyReply, FastifyRequest } from 'fastify';

import type { CodedError } from '../../errors/coded-error.ts';
import { makeToProblem, type ProblemResponse, type ProblemTypes } from './problem.ts';

type Write = (fields: { err: unknown; requestId: string }, message: string) => void;

type Deps = {
  readonly problemTypes: ProblemTypes;
  readonly logger: { readonly error: Write; readonly warn: Write };
  /** Called with each error that a caller gets, before it is sent. */
  readonly onProblem?: (error: CodedError, request: FastifyRequest) => void;
  readonly currentTrace: () => { readonly traceId: string } | undefined;
};

export const makeErrorHandler = ({ problemTypes, logger, currentTrace, onProblem }: Deps) => {
  const toProblem = makeToProblem(problemTypes);

  /** 500 always; 503 when a dependency failed, not when load was shed. */
  const logFault = ({ error, problem }: ProblemResponse, requestId: string): void => {
    if (problem.status >= 500 && problem.status !== 503)
      logger.error({ err: error.cause ?? error, requestId }, 'request failed');
    else if (problem.status === 503 && error.cause !== undefined)
      logger.warn({ err: error, requestId }, 'request could not be served');
  };

  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const response = toProblem(error, currentTrace()?.traceId ?? request.id);
    logFault(response, request.id);
    onProblem?.(response.error, request);
    return reply.code(response.problem.status).headers(response.headers).send(JSON.stringify(response.problem));
  };
};
