// A route's declared responses and problems (route-docs.ts) as OpenAPI responses: one per status.

import { STATUS_CODES } from 'node:http';

import { RESPONSE_HEADERS, type ResponseHeaderName } from './response-headers.ts';
import type { RouteDocs, ResponseDocs } from './route-docs.ts';
import { toTypeUri } from '../problems/problem.ts';
import { PROBLEM_TYPES, problemType, type ProblemCode } from '../problems/problem-types.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

/** Components that responses refer to: an example per code … */
export const problemExamples = Object.fromEntries(
  Object.entries(PROBLEM_TYPES).map(([code, { status, title }]) => [
    code,
    { summary: title, value: { type: toTypeUri(code), title, status, code, traceId: TRACE_ID } },
  ]),
);

/** … and the headers. */
export const responseHeaders = Object.fromEntries(
  Object.entries(RESPONSE_HEADERS).map(([name, { description, example, always }]) => [
    name,
    { description, required: always, schema: { type: 'string' }, example },
  ]),
);

const LIMITED = ['RateLimit', 'RateLimit-Policy'] as const;

const toHeaders = (names: readonly ResponseHeaderName[]) =>
  Object.fromEntries([...names, ...LIMITED].map((name) => [name, { $ref: `#/components/headers/${name}` }]));

const toResponse = ({ description, headers = [], schema }: ResponseDocs) => ({
  description,
  headers: toHeaders(headers),
  ...(schema === undefined
    ? {}
    : { content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } } }),
});

const challenges = (status: number, codes: readonly ProblemCode[]): boolean =>
  status === 401 || codes.every((code) => problemType(code).bearerError !== undefined);

/** The headers that problems/problem.ts adds. */
const headersOfProblem = (status: number, codes: readonly ProblemCode[]): ResponseHeaderName[] => [
  ...(challenges(status, codes) ? (['WWW-Authenticate'] as const) : []),
  ...(status === 429 || status === 503 ? (['Retry-After'] as const) : []),
];

const reasonOf = (status: number): string => new Map(Object.entries(STATUS_CODES)).get(String(status)) ?? '';

const toProblemResponse = (status: number, codes: readonly ProblemCode[]) => ({
  description: `${reasonOf(status)}: ${codes.join(', ')}`,
  headers: toHeaders(headersOfProblem(status, codes)),
  content: {
    'application/problem+json': {
      schema: { $ref: '#/components/schemas/Problem' },
      examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
    },
  },
});

type Responses = Record<string, { headers?: object }>;

/** @param fromSchemas responses of the route's own schemas, as the plugin wrote them */
export const toResponses = ({ responses = {}, problems }: RouteDocs, fromSchemas: Responses): Responses => {
  const codesOf = Map.groupBy(problems, (code) => problemType(code).status);
  const plain = Object.entries(fromSchemas).map(([status, response]) => [
    status,
    { ...response, headers: toHeaders([]) },
  ]);
  const described = Object.entries(responses).map(([status, response]) => [status, toResponse(response)]);
  const errorResponses = codesOf.entries().map(([status, codes]) => [status, toProblemResponse(status, codes)]);
  return Object.fromEntries([...plain, ...described, ...errorResponses]) as Responses;
};
