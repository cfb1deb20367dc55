// The document's frame, and what routes say about themselves (documented.ts) in the words of OpenAPI 3.1.

import { STATUS_CODES } from 'node:http';

import type { DocumentedAnswer, DocumentedHeader, Documented } from './documented.ts';
import { problemType, toTypeUri, type ProblemCode } from './problem-types.ts';
import { orderAnswer, orderPageAnswer } from './schemas/order.ts';
import { problemAnswer } from './schemas/problem.ts';
import { userAnswer, userPageAnswer } from './schemas/user.ts';

export const frame = (version: string) => ({
  openapi: '3.1.0',
  info: {
    title: 'user-service',
    version,
    license: { name: 'MIT', identifier: 'MIT' },
    description: [
      'Users, sign-in and orders. Every refusal is a problem document (RFC 9457) whose `type` leads to an explanation.',
      'Any request may also be answered 400, 408, 414 or 431 before it reaches a route; a path that is not listed here answers 404,',
      'a method that a path does not have 405 with `Allow`.',
    ].join(' '),
  },
  servers: [{ url: '/' }],
  tags: [
    { name: 'users', description: 'Accounts.' },
    { name: 'auth', description: 'Sessions and tokens.' },
    { name: 'orders', description: 'What users buy.' },
    { name: 'problems', description: 'What refusals mean.' },
  ],
  components: {
    securitySchemes: { accessToken: { type: 'http' as const, scheme: 'bearer', bearerFormat: 'JWT (RFC 9068)' } },
    schemas: {
      User: userAnswer,
      UserPage: userPageAnswer,
      Order: orderAnswer,
      OrderPage: orderPageAnswer,
      Problem: problemAnswer,
    },
  },
});

const text = (description: string) => ({ description, schema: { type: 'string' } });

const toHeaders = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, description]) => [name, text(description)]));

const toAnswer = ({ description, headers = {}, schema }: DocumentedAnswer) => ({
  description,
  headers: toHeaders(headers),
  ...(schema === undefined
    ? {}
    : { content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } } }),
});

const WAIT = { 'Retry-After': 'Seconds.' };
const HEADERS_OF_STATUS: ReadonlyMap<number, Readonly<Record<string, string>>> = new Map<
  number,
  Record<string, string>
>([
  [401, { 'WWW-Authenticate': 'RFC 6750.' }],
  [429, WAIT],
  [503, WAIT],
]);

const toExample = (code: ProblemCode) => {
  const { status, title } = problemType(code);
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  return { summary: title, value: { type: toTypeUri(code), title, status, code, traceId } };
};

const reasonOf = (status: number): string => new Map(Object.entries(STATUS_CODES)).get(String(status)) ?? '';

/** One response per status, with an example per code. */
const toProblemAnswer = (status: number, codes: readonly ProblemCode[]) => ({
  description: `${reasonOf(status)}: ${codes.join(', ')}`,
  headers: toHeaders(HEADERS_OF_STATUS.get(status) ?? {}),
  content: {
    'application/problem+json': {
      schema: { $ref: '#/components/schemas/Problem' },
      examples: Object.fromEntries(codes.map((code) => [code, toExample(code)])),
    },
  },
});

export const toResponses = ({ answers = {}, problems }: Documented): Record<string, object> => {
  const codesOf = Map.groupBy(problems, (code) => problemType(code).status);
  const responses = new Map<string, object>(
    Object.entries(answers).map(([status, answer]) => [status, toAnswer(answer)]),
  );
  for (const [status, codes] of codesOf) responses.set(String(status), toProblemAnswer(status, codes));
  return Object.fromEntries(responses);
};

const toParameter = (name: string, { description, required = false, example }: DocumentedHeader) => ({
  name,
  in: 'header',
  required,
  description,
  schema: { type: 'string' },
  ...(example === undefined ? {} : { example }),
});

export const toParameters = ({ headers = {} }: Documented): object[] =>
  Object.entries(headers).map(([name, header]) => toParameter(name, header));
