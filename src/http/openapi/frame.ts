// The document's frame, and the headers that routes ask for (documented.ts), in the words of OpenAPI 3.1.

import type { HeaderDocs, RouteDocs } from './route-docs.ts';
import { responseHeaders, problemExamples } from './responses.ts';
import { orderSchema, orderPageSchema } from '../schemas/order.ts';
import { problemSchema } from '../schemas/problem.ts';
import { userSchema, userPageSchema } from '../schemas/user.ts';

export const frame = (version: string) => ({
  openapi: '3.1.0',
  info: {
    title: 'user-service',
    version,
    license: { name: 'MIT', identifier: 'MIT' },
    description: [
      'Users, sign-in and orders. Every refusal is a problem document (RFC 9457) whose `type` leads to an explanation.',
      'A path that is not listed here answers 404, a method that a path does not have 405 with `Allow`, and a request that arrives too',
      'slowly 408.',
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
    securitySchemes: {
      accessToken: {
        type: 'http' as const,
        scheme: 'bearer',
        bearerFormat: 'JWT (RFC 9068)',
        description: 'Of `logIn` for users, of `issueClientToken` for services.',
      },
    },
    headers: responseHeaders,
    examples: problemExamples,
    schemas: {
      User: userSchema,
      UserPage: userPageSchema,
      Order: orderSchema,
      OrderPage: orderPageSchema,
      Problem: problemSchema,
    },
  },
});

/** As an example of the schema, not of the parameter: the docs page fills in the latter, and few callers want every header. */
const toParameter = (name: string, { description, required = false, example }: HeaderDocs) => ({
  name,
  in: 'header',
  required,
  description,
  schema: { type: 'string', examples: [example] },
});

export const toParameters = ({ headers = {} }: RouteDocs): object[] =>
  Object.entries(headers).map(([name, header]) => toParameter(name, header));
