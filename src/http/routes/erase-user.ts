import type { EraseUser } from '../../users/erase-user.ts';
import type { Api } from '../api.ts';
import { ACCESS_TOKEN, PROBLEMS } from '../openapi/route-docs.ts';
import { principalOf, type Authenticate } from '../hooks/authenticate.ts';
import { noQuery } from '../schemas/paging.ts';
import { userParams } from '../schemas/user.ts';
import { toUserId } from '../path-ids.ts';

type Deps = {
  readonly eraseUser: EraseUser;
  readonly authenticate: Authenticate;
};

export const addEraseUser = (api: Api, { eraseUser, authenticate }: Deps): void => {
  api.delete(
    '/users/:id',
    {
      schema: {
        operationId: 'eraseUser',
        tags: ['users'],
        summary: 'Erase one’s account',
        description: 'Everything personal is gone at once, and all sessions end. Only the owner may.',
        security: ACCESS_TOKEN,
        params: userParams,
        querystring: noQuery,
      },
      config: {
        docs: {
          responses: { 204: { description: 'Erased.' } },
          problems: [...PROBLEMS.authenticated, ...PROBLEMS.withStore, 'USER_NOT_FOUND'],
        },
      },
      onRequest: authenticate,
    },
    async (request, reply) => {
      await eraseUser(principalOf(request), toUserId(request.params.id));
      return reply.code(204).send();
    },
  );
};
