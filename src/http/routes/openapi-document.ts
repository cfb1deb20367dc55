import { Type } from 'typebox';

import type { Api } from '../api.ts';
import { PROBLEMS, PUBLIC } from '../openapi/route-docs.ts';
import { JSON_CONTENT_TYPE } from '../conditional/representation.ts';
import { noQuery } from '../schemas/paging.ts';

const response = Type.Unsafe<Buffer>({ type: 'object', description: 'OpenAPI 3.1.' });

/** Generated on the first request and cached, so that it does not slow down startup. All responses share one buffer. */
export const addOpenApiDocument = (api: Api): void => {
  let document: Buffer | undefined;
  api.get(
    '/openapi.json',
    {
      schema: {
        operationId: 'readApiDocument',
        tags: ['problems'],
        summary: 'Read this document',
        description: 'The same as `api-specs/user-service-api.yaml`, with the version of the running release.',
        security: PUBLIC,
        querystring: noQuery,
        response: { 200: response },
      },
      config: { docs: { problems: PROBLEMS.any } },
    },
    (_request, reply) => {
      document ??= Buffer.from(JSON.stringify(api.swagger()));
      reply.header('content-type', JSON_CONTENT_TYPE);
      return document;
    },
  );
};
