import type { EraseUser } from '../../users/erase-user.ts';
import type { Api } from '../api.ts';
import { ACCESS_TOKEN, PROBLEMS } from '../openapi/route-docs.ts';
import { principalOf, userOf, type Authenticate } from '../hooks/authenticate.ts';
import type { StrictLimit } from '../hooks/strict-limit.ts';
import { noQuery } from '../schemas/paging.ts';
import { userParams } from '../schemas/user.ts';
import { toUserId } from '../path-ids.ts';

type Deps = {
  readonly eraseUser: EraseUser;
  readonly authenticate: Authenticate;
  readonly strictLimit: StrictLimit;
};

export const addEraseUser = (api: Api, { eraseUser, authenticate, strictLimit }: Deps): void => {
  api.delete(
    '/users/:id',
    {
      schema: {
        operationId: 'eraseUser',
        tags: ['users'],
        summary: 'Erase own account',
        description:
          'Removes all personal data at once and ends all sessions. Only for the account’s owner, with an access token of `reauthenticate`.',
        security: ACCESS_TOKEN,
        params: userParams,
        querystring: noQuery,
      },
      config: {
        docs: {
          responses: { 204: { description: 'The account was erased.' } },
          problems: [...PROBLEMS.authenticated, ...PROBLEMS.withStore, 'USER_NOT_FOUND', 'REAUTHENTICATION_REQUIRED'],
        },
      },
      onRequest: [authenticate, strictLimit.byUser('erasure', userOf)],
    },
    async (request, reply) => {
      await eraseUser(principalOf(request), toUserId(request.params.id));
      return reply.code(204).send();
    },
  );
};
