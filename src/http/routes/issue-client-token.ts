import type { IssueClientToken } from '../../auth/issue-client-token.ts';
import type { Api } from '../api.ts';
import { PROBLEMS, PUBLIC } from '../openapi/route-docs.ts';
import type { StrictLimit } from '../hooks/strict-limit.ts';
import { clientTokenBody, tokenSchema } from '../schemas/auth.ts';
import { noQuery } from '../schemas/paging.ts';

type Deps = {
  readonly issueClientToken: IssueClientToken;
  readonly strictLimit: StrictLimit;
};

export const addIssueClientToken = (api: Api, { issueClientToken, strictLimit }: Deps): void => {
  api.post(
    '/auth/token',
    {
      schema: {
        operationId: 'issueClientToken',
        tags: ['auth'],
        summary: 'Get a token for a service',
        description:
          'Client credentials grant (RFC 6749 section 4.4), as JSON. There is no refresh token; request a new token instead.',
        security: PUBLIC,
        querystring: noQuery,
        body: clientTokenBody,
        response: { 200: { ...tokenSchema, description: 'An access token with the requested scopes.' } },
      },
      config: {
        docs: { problems: [...PROBLEMS.any, ...PROBLEMS.withBody, 'CLIENT_CREDENTIALS_WRONG', 'SCOPE_MISSING'] },
      },
      onRequest: strictLimit.byAddressWide('token'),
      ...strictLimit.failuresByClaim('client', ({ body }) => (body as { client_id: string }).client_id),
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const { client_id: clientId, client_secret: clientSecret, scope } = request.body;
      return issueClientToken({ clientId, clientSecret, ...(scope === undefined ? {} : { scope }) });
    },
  );
};
