// Documentation of problem types: RFC 9457 section 3.1.1 wants `type` to resolve to it.

import { Type } from 'typebox';

import type { Api } from '../api.ts';
import { PROBLEMS, PUBLIC } from '../openapi/route-docs.ts';
import { HttpError } from '../errors.ts';
import { toSlug, toTypeUri } from '../problems/problem.ts';
import { PROBLEM_TYPES, type ProblemCode } from '../problems/problem-types.ts';
import { noQuery } from '../schemas/paging.ts';

const response = Type.Object(
  {
    type: Type.String({ description: 'The path of this page.', examples: ['/problems/user-not-found'] }),
    code: Type.String({ description: 'Stable; for programs.', examples: ['USER_NOT_FOUND'] }),
    status: Type.Integer({ description: 'HTTP status of the response.', examples: [404] }),
    title: Type.String({ description: 'Short summary of the problem type.', examples: ['No such user'] }),
    remedy: Type.String({
      description: 'What the caller can do.',
      examples: ['There is no such user, or it is not yours to see.'],
    }),
  },
  { description: 'Meaning of a problem type, and how to resolve it.' },
);

const PAGES = new Map(
  Object.entries(PROBLEM_TYPES).map(([code, { status, title, remedy }]) => [
    toSlug(code),
    { type: toTypeUri(code), code: code as ProblemCode, status, title, remedy },
  ]),
);

export const addProblemPages = (api: Api): void => {
  api.get(
    '/problems/:slug',
    {
      schema: {
        operationId: 'explainProblem',
        tags: ['problems'],
        summary: 'Describe a problem type',
        description: 'The resource that the `type` of a problem document identifies.',
        security: PUBLIC,
        params: Type.Object({
          slug: Type.String({ description: 'The code in lower case, with hyphens.', examples: ['user-not-found'] }),
        }),
        querystring: noQuery,
        response: { 200: response },
      },
      config: { docs: { problems: [...PROBLEMS.any, 'ROUTE_NOT_FOUND'] } },
    },
    (request, reply) => {
      const page = PAGES.get(request.params.slug);
      if (page === undefined) throw new HttpError('ROUTE_NOT_FOUND', 'There is no such problem type.');
      reply.header('cache-control', 'public, max-age=3600');
      return page;
    },
  );
};
