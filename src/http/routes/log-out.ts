import type { LogOut } from '../../auth/log-out.ts';
import type { Api } from '../api.ts';
import { ACCESS_TOKEN, PROBLEMS } from '../openapi/route-docs.ts';
import { principalOf, type Authenticate } from '../hooks/authenticate.ts';
import { noQuery } from '../schemas/paging.ts';

type Deps = {
  readonly logOut: LogOut;
  readonly authenticate: Authenticate;
};

export const addLogOut = (api: Api, { logOut, authenticate }: Deps): void => {
  api.post(
    '/auth/logout',
    {
      schema: {
        operationId: 'logOut',
        tags: ['auth'],
        summary: 'Log out',
        description: 'Ends the session of the access token. No body is required.',
        security: ACCESS_TOKEN,
        querystring: noQuery,
      },
      config: {
        docs: {
          responses: { 204: { description: 'The session has ended.' } },
          problems: [...PROBLEMS.authenticated, ...PROBLEMS.withStore],
        },
      },
      onRequest: authenticate,
    },
    async (request, reply) => {
      await logOut(principalOf(request));
      return reply.code(204).header('cache-control', 'no-store').send();
    },
  );
};
