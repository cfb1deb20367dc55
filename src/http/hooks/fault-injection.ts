// A scope for the faults of each request, where FAULT_INJECTION is set, and the header x-fault-injection where that setting allows it. What was injected
// is a field of the request's log line.

import type { FastifyRequest, onRequestHookHandler, preValidationHookHandler } from 'fastify';

import type { OnEnd } from '../connections/open-requests.ts';
import { HttpError } from '../errors.ts';

declare module 'fastify' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- it adds to an interface
  interface FastifyRequest {
    /** What was injected into it: `postgres:error,redis:latency`. */
    fault?: string;
  }
}

type Deps<Scope> = {
  /** The scope of a request with this header, or what is wrong with the header. */
  readonly open: (header: string | undefined) => Scope | { readonly problem: string };
  readonly run: (scope: Scope, next: () => void) => void;
  readonly textOf: (scope: Scope) => string;
};

const HEADER = 'x-fault-injection';

const headerOf = ({ headers }: FastifyRequest): string | undefined => {
  const { [HEADER]: value } = headers;
  return Array.isArray(value) ? value.join() : value;
};

export const makeFaultHooks = <Scope extends object>({ open, run, textOf }: Deps<Scope>) => {
  const scopes = new WeakMap<FastifyRequest, Scope>();
  return {
    onRequest: ((request, _reply, done) => {
      const scope = open(headerOf(request));
      if ('problem' in scope) {
        done(new HttpError('HEADER_INVALID', `The header ${HEADER} is not valid: ${scope.problem}.`));
        return;
      }
      scopes.set(request, scope);
      run(scope, done);
    }) satisfies onRequestHookHandler,
    /** The body arrives in events of the connection, which is not part of the request: what follows is. */
    preValidation: ((request, _reply, done) => {
      const scope = scopes.get(request);
      if (request.body === undefined || scope === undefined) done();
      else run(scope, done);
    }) satisfies preValidationHookHandler,
    /** Before the log line is written. */
    onEnd: ((request) => {
      const scope = scopes.get(request);
      const fault = scope === undefined ? '' : textOf(scope);
      if (fault !== '') request.fault = fault;
    }) satisfies OnEnd,
  };
};
