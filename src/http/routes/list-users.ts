import type { FastifyRequest } from 'fastify';

import { decodeCursor, encodeCursor } from '../../users/cursor.ts';
import type { Api } from '../api.ts';
import { ACCESS_TOKEN, PROBLEMS } from '../documented.ts';
import { requireScope, type Authenticate } from '../plugins/authenticate.ts';
import type { UserUseCases } from '../ports.ts';
import { userPageQuery } from '../schemas/user.ts';
import { JSON_CONTENT_TYPE, USER_CACHE_CONTROL } from '../user-answer.ts';

type Deps = Pick<UserUseCases, 'listUsers'> & { readonly authenticate: Authenticate };

const DEFAULT_LIMIT = 20;

/** A query is text; this is the one parameter of it that is a number. What is not one stays text for the schema to refuse. */
const readLimit = async ({ query }: FastifyRequest): Promise<void> => {
  const numbers = query as { limit?: unknown };
  if (typeof numbers.limit === 'string' && /^\d{1,9}$/.test(numbers.limit)) numbers.limit = Number(numbers.limit);
  return Promise.resolve();
};

/** Documents are joined as they are kept: nothing is parsed or serialised. */
const toPage = (documents: readonly { json: string }[], nextCursor: string | undefined): string => {
  const items = documents.map(({ json }) => json).join(',');
  return nextCursor === undefined ? `{"items":[${items}]}` : `{"items":[${items}],"nextCursor":"${nextCursor}"}`;
};

export const addListUsers = (api: Api, { listUsers, authenticate }: Deps): void => {
  api.get(
    '/users',
    {
      schema: {
        operationId: 'listUsers',
        tags: ['users'],
        summary: 'List users',
        description: 'Newest first, page by page. Needs the scope `users:list`. There is no total.',
        security: ACCESS_TOKEN,
        querystring: userPageQuery,
      },
      config: {
        documented: {
          answers: {
            200: { description: 'A page.', schema: 'UserPage', headers: { Link: 'The next page (RFC 8288).' } },
          },
          problems: [...PROBLEMS.authenticated, ...PROBLEMS.withStore, 'SCOPE_MISSING', 'USER_INPUT_INVALID'],
        },
      },
      onRequest: [authenticate, requireScope('users:list')],
      preValidation: readLimit,
    },
    async (request, reply) => {
      const { limit = DEFAULT_LIMIT, cursor } = request.query;
      const { users, next } = await listUsers({
        limit,
        ...(cursor === undefined ? {} : { after: decodeCursor(cursor) }),
      });
      const nextCursor = next && encodeCursor(next);
      reply.headers({ 'content-type': JSON_CONTENT_TYPE, 'cache-control': USER_CACHE_CONTROL });
      if (nextCursor !== undefined)
        reply.header('link', `</api/v1/users?limit=${limit}&cursor=${nextCursor}>; rel="next"`);
      return toPage(users, nextCursor);
    },
  );
};
