import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';

import { AuthError } from '../../auth/errors.ts';
import type { Principal, Scope } from '../../auth/principal.ts';

declare module 'fastify' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- it adds to an interface
  interface FastifyRequest {
    principal: Principal | null;
  }
}

export type VerifyAccessToken = (token: string) => Principal | Promise<Principal>;

type Hook = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void;

const BEARER = /^bearer +(\S+) *$/i;

const bearerToken = (header: string | undefined): string => {
  if (header === undefined) throw new AuthError('TOKEN_MISSING', 'An access token is required.');
  const credentials = BEARER.exec(header)?.[1];
  if (credentials === undefined) throw new AuthError('TOKEN_MISSING', 'Authorization must carry a Bearer token.');
  return credentials;
};

/**
 * An `onRequest` hook: the caller is authenticated before the body is read. A token that was verified before needs no promise.
 * @throws AuthError TOKEN_MISSING | TOKEN_INVALID
 */
export const makeAuthenticate =
  (verifyAccessToken: VerifyAccessToken): Hook =>
  (request, _reply, done) => {
    const verified = verifyAccessToken(bearerToken(request.headers.authorization));
    if (!(verified instanceof Promise)) {
      request.principal = verified;
      done();
      return;
    }
    const proceed = (principal: Principal): void => {
      request.principal = principal;
      done();
    };
    verified.then(proceed, done);
  };

export type Authenticate = ReturnType<typeof makeAuthenticate>;

/** The caller, on a route that has the hook above. */
export const principalOf = ({ principal }: FastifyRequest): Principal => {
  if (principal === null) throw new AuthError('TOKEN_MISSING', 'An access token is required.');
  return principal;
};

/** The caller's id, as the key of a limit. */
export const userOf = (request: FastifyRequest): string => principalOf(request).subject;

/** @throws AuthError SCOPE_MISSING */
export const requireScope =
  (scope: Scope): Hook =>
  (request, _reply, done) => {
    if (!principalOf(request).scopes.has(scope))
      throw new AuthError('SCOPE_MISSING', `The scope ${scope} is required.`);
    done();
  };
