import type { LogIn } from '../../auth/log-in.ts';
import type { Api } from '../api.ts';
import { PROBLEMS, PUBLIC } from '../openapi/route-docs.ts';
import { clientOf } from '../hooks/client-address.ts';
import type { StrictLimit } from '../hooks/strict-limit.ts';
import { loginBody, sessionTokens } from '../schemas/auth.ts';
import { noQuery } from '../schemas/paging.ts';

type Deps = {
  readonly logIn: LogIn;
  readonly strictLimit: StrictLimit;
};

export const addLogIn = (api: Api, { logIn, strictLimit }: Deps): void => {
  api.post(
    '/auth/login',
    {
      schema: {
        operationId: 'logIn',
        tags: ['auth'],
        summary: 'Log in',
        description: 'An unknown login and a wrong password get the same response in the same time.',
        security: PUBLIC,
        querystring: noQuery,
        body: loginBody,
        response: { 200: { ...sessionTokens, description: 'A new session.' } },
      },
      config: {
        docs: {
          problems: [...PROBLEMS.any, ...PROBLEMS.withBody, ...PROBLEMS.withStore, 'CREDENTIALS_WRONG', 'HASHING_BUSY'],
        },
      },
      onRequest: strictLimit.byAddressWide('login'),
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return logIn(request.body, clientOf(request));
    },
  );
};
