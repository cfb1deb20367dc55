import { Type } from 'typebox';

import type { Api } from '../api.ts';
import { PROBLEMS, PUBLIC } from '../openapi/route-docs.ts';
import { JSON_CONTENT_TYPE } from '../conditional/representation.ts';
import { noQuery } from '../schemas/paging.ts';

const answer = Type.Unsafe<string>({ type: 'object', description: 'OpenAPI 3.1.' });

/** Made at the first request and kept: starting is not slowed down by it. */
export const addApiDocumentRoute = (api: Api): void => {
  let text: string | undefined;
  api.get(
    '/openapi.json',
    {
      schema: {
        operationId: 'readApiDocument',
        tags: ['problems'],
        summary: 'Read this document',
        description: 'As it is kept in `api-specs/user-service-api.yaml`, with the version of the release that runs.',
        security: PUBLIC,
        querystring: noQuery,
        response: { 200: answer },
      },
      config: { docs: { problems: PROBLEMS.any } },
    },
    (_request, reply) => {
      text ??= JSON.stringify(api.swagger());
      reply.header('content-type', JSON_CONTENT_TYPE);
      return text;
    },
  );
};
