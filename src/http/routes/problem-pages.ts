// What stands behind the `type` of a problem: RFC 9457 section 3.1.1 wants it to explain itself.

import { Type } from 'typebox';

import type { Api } from '../api.ts';
import { PROBLEMS } from '../documented.ts';
import { HttpError } from '../errors.ts';
import { PROBLEM_TYPES, toSlug, toTypeUri, type ProblemCode } from '../problem-types.ts';
import { noQuery } from '../schemas/user.ts';

const answer = Type.Object(
  { type: Type.String(), code: Type.String(), status: Type.Integer(), title: Type.String(), remedy: Type.String() },
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
        params: Type.Object({ slug: Type.String({ examples: ['user-not-found'] }) }),
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
