import type { Reauthenticate } from '../../auth/reauthenticate.ts';
import type { Api } from '../api.ts';
import { ACCESS_TOKEN, PROBLEMS } from '../openapi/route-docs.ts';
import { clientOf } from '../hooks/client-address.ts';
import { principalOf, type Authenticate } from '../hooks/authenticate.ts';
import type { StrictLimit } from '../hooks/strict-limit.ts';
import { reauthenticationBody, tokenSchema } from '../schemas/auth.ts';
import { noQuery } from '../schemas/paging.ts';

type Deps = {
  readonly reauthenticate: Reauthenticate;
  readonly authenticate: Authenticate;
  readonly strictLimit: StrictLimit;
};

export const addReauthenticate = (api: Api, { reauthenticate, authenticate, strictLimit }: Deps): void => {
  api.post(
    '/auth/reauthenticate',
    {
      schema: {
        operationId: 'reauthenticate',
        tags: ['auth'],
        summary: 'Enter the password again',
        description:
          'Returns an access token of the same session that may change the e-mail address and erase the account for a few minutes (RFC 9470). Call it after a `REAUTHENTICATION_REQUIRED`, and repeat the call with this token. There is no refresh token for it.',
        security: ACCESS_TOKEN,
        querystring: noQuery,
        body: reauthenticationBody,
        response: { 200: { ...tokenSchema, description: 'An access token that carries `auth_time`.' } },
      },
      config: {
        docs: {
          problems: [
            ...PROBLEMS.authenticated,
            ...PROBLEMS.withBody,
            ...PROBLEMS.withStore,
            'PASSWORD_WRONG',
            'SESSION_REQUIRED',
            'HASHING_BUSY',
          ],
        },
      },
      onRequest: [authenticate, strictLimit.byAddress('reauthentication')],
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return reauthenticate(principalOf(request), request.body.password, clientOf(request));
    },
  );
};
