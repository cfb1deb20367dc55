import type { ListUsers } from '../../users/list-users.ts';
import type { Api } from '../api.ts';
import { ACCESS_TOKEN_WITH, PROBLEMS } from '../openapi/route-docs.ts';
import { DEFAULT_LIMIT, sendPage, readLimit } from '../page.ts';
import { requireScope, type Authenticate } from '../hooks/authenticate.ts';
import { userPageQuery } from '../schemas/user.ts';

type Deps = {
  readonly listUsers: ListUsers;
  readonly authenticate: Authenticate;
};

export const addListUsers = (api: Api, { listUsers, authenticate }: Deps): void => {
  api.get(
    '/users',
    {
      schema: {
        operationId: 'listUsers',
        tags: ['users'],
        summary: 'List users',
        description: 'Newest first, in pages. Requires the scope `users:list`. There is no total.',
        security: ACCESS_TOKEN_WITH('users:list'),
        querystring: userPageQuery,
      },
      config: {
        docs: {
          responses: {
            200: { description: 'A page of users.', schema: 'UserPage', headers: ['Link'] },
          },
          problems: [...PROBLEMS.authenticated, ...PROBLEMS.withStore, 'SCOPE_MISSING', 'USER_INPUT_INVALID'],
        },
      },
      onRequest: [authenticate, requireScope('users:list')],
      preValidation: readLimit,
    },
    async (request, reply) => {
      const { limit = DEFAULT_LIMIT, cursor } = request.query;
      const { users, nextCursor } = await listUsers({ limit, ...(cursor !== undefined && { cursor }) });
      return sendPage(reply, { path: '/api/v1/users', limit, representations: users, nextCursor });
    },
  );
};
