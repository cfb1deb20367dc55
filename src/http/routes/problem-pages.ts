// What stands behind the `type` of a problem: RFC 9457 section 3.1.1 wants it to explain itself.

import { Type } from 'typebox';

import type { Api } from '../api.ts';
import { PROBLEMS, PUBLIC } from '../openapi/route-docs.ts';
import { HttpError } from '../errors.ts';
import { PROBLEM_TYPES, toSlug, toTypeUri, type ProblemCode } from '../problems/problem-types.ts';
import { noQuery } from '../schemas/user.ts';

const answer = Type.Object(
  {
    type: Type.String({ description: 'The path of this page.', examples: ['/problems/user-not-found'] }),
    code: Type.String({ description: 'Stable; for programs.', examples: ['USER_NOT_FOUND'] }),
    status: Type.Integer({ description: 'Of answers that refuse so.', examples: [404] }),
    title: Type.String({ description: 'In short.', examples: ['No such user'] }),
    remedy: Type.String({
      description: 'What to do about it.',
      examples: ['There is no such user, or it is not yours to see.'],
    }),
  },
  { description: 'What the problem is and what to do about it.' },
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
        summary: 'Explain a kind of problem',
        description: 'What the `type` of a problem document leads to.',
        security: PUBLIC,
        params: Type.Object({
          slug: Type.String({ description: 'The code in lower case, with hyphens.', examples: ['user-not-found'] }),
        }),
        querystring: noQuery,
        response: { 200: answer },
      },
      config: { documented: { problems: [...PROBLEMS.any, 'ROUTE_NOT_FOUND'] } },
    },
    (request, reply) => {
      const page = PAGES.get(request.params.slug);
      if (page === undefined) throw new HttpError('ROUTE_NOT_FOUND', 'There is no such kind of problem.');
      reply.header('cache-control', 'public, max-age=3600');
      return page;
    },
  );
};
