import type { ReadUser } from '../../users/read-user.ts';
// The hot path: the cached representation is sent as stored, without parsing or serializing.

import type { Api } from '../api.ts';
import { ACCESS_TOKEN, PROBLEMS } from '../openapi/route-docs.ts';
import { sendUnlessFresh } from '../conditional/representation.ts';
import { principalOf, type Authenticate } from '../hooks/authenticate.ts';
import { noQuery } from '../schemas/paging.ts';
import { userParams } from '../schemas/user.ts';
import { toUserId } from '../path-ids.ts';

type Deps = {
  readonly readUser: ReadUser;
  readonly authenticate: Authenticate;
};

export const addReadUser = (api: Api, { readUser, authenticate }: Deps): void => {
  api.get(
    '/users/:id',
    {
      schema: {
        operationId: 'readUser',
        tags: ['users'],
        summary: 'Read a user',
        description:
          'The caller’s own account, or any account with the scope `users:read`. Otherwise the response is the same as for an unknown id.',
        security: ACCESS_TOKEN,
        params: userParams,
        querystring: noQuery,
      },
      config: {
        isCached: true,
        docs: {
          headers: { 'If-None-Match': { description: 'ETag of the caller’s copy.', example: '"1"' } },
          responses: {
            200: { description: 'The user.', schema: 'User', headers: ['ETag'] },
            304: { description: 'The caller’s copy is current.', headers: ['ETag'] },
          },
          problems: [...PROBLEMS.authenticated, ...PROBLEMS.withStore, 'USER_NOT_FOUND'],
        },
      },
      onRequest: authenticate,
    },
    async (request, reply) => {
      const representation = await readUser(principalOf(request), toUserId(request.params.id), (result) => {
        request.cache = result;
      });
      return sendUnlessFresh(reply, representation, request.headers['if-none-match']);
    },
  );
};
