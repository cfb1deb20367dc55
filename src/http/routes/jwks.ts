import { Type } from 'typebox';

import type { Api } from '../api.ts';
import { PROBLEMS, PUBLIC } from '../openapi/route-docs.ts';
import { noQuery } from '../schemas/paging.ts';

/** Long enough to avoid a request per token, short enough for a rotation: a new key is published before it signs. */
const CACHE_CONTROL = 'public, max-age=300';

const response = Type.Object(
  {
    keys: Type.Array(Type.Object({}, { additionalProperties: true, description: 'RFC 7517.' }), {
      description: 'Use the key with the `kid` of the token.',
    }),
  },
  { description: 'The keys that verify access tokens.' },
);

export const addJwks = (api: Api, { publicJwks }: { publicJwks: () => { keys: object[] } }): void => {
  api.get(
    '/.well-known/jwks.json',
    {
      schema: {
        operationId: 'readKeys',
        tags: ['auth'],
        summary: 'Read the public keys',
        description: 'The set changes when keys are rotated: cache it no longer than `Cache-Control` allows.',
        security: PUBLIC,
        querystring: noQuery,
        response: { 200: response },
      },
      config: { docs: { problems: PROBLEMS.any } },
    },
    (_request, reply) => {
      reply.header('cache-control', CACHE_CONTROL);
      return publicJwks();
    },
  );
};
