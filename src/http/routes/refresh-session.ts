import type { RefreshSession } from '../../auth/refresh-session.ts';
import type { Api } from '../api.ts';
import { PROBLEMS, PUBLIC } from '../openapi/route-docs.ts';
import { clientAddress } from '../hooks/client-address.ts';
import type { StrictLimit } from '../hooks/strict-limit.ts';
import { refreshBody, sessionTokens } from '../schemas/auth.ts';
import { noQuery } from '../schemas/paging.ts';

type RefreshBody = { readonly refresh_token: string };

/** A refresh token begins with it; auth/tokens/refresh-token.ts. */
const sessionIdOf = (refreshToken: string): string => refreshToken.slice(0, 36);

type Deps = {
  readonly refreshSession: RefreshSession;
  readonly strictLimit: StrictLimit;
};

export const addRefreshSession = (api: Api, { refreshSession, strictLimit }: Deps): void => {
  api.post(
    '/auth/refresh',
    {
      schema: {
        operationId: 'refreshSession',
        tags: ['auth'],
        summary: 'Get new tokens for a session',
        description: [
          'A refresh token works once. Using one again ends its session: one of the two who used it had stolen it.',
          'Clients therefore refresh one at a time: two tabs share one refresh (a lock, or one tab that refreshes for all).',
          'After a lost response the new tokens are lost as well: log in again, do not send the old token a second time.',
          'A session ends for good after its longest lifetime, however often it is refreshed.',
        ].join(' '),
        security: PUBLIC,
        querystring: noQuery,
        body: refreshBody,
        response: { 200: { ...sessionTokens, description: 'The session’s new tokens.' } },
      },
      config: {
        docs: {
          problems: [...PROBLEMS.any, ...PROBLEMS.withBody, ...PROBLEMS.withStore, 'REFRESH_TOKEN_INVALID'],
        },
      },
      onRequest: strictLimit.byAddressWide('refresh'),
      preHandler: strictLimit.byClaim('session', ({ body }) => sessionIdOf((body as RefreshBody).refresh_token)),
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return refreshSession(request.body.refresh_token, { address: clientAddress(request) });
    },
  );
};
