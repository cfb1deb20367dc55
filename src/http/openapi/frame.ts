// The parts of the OpenAPI 3.1 document that don't come from a route, and the request headers that routes declare (route-docs.ts).

import type { HeaderDocs, RouteDocs } from './route-docs.ts';
import { responseHeaders, problemExamples } from './responses.ts';
import { orderSchema, orderPageSchema } from '../schemas/order.ts';
import { problemSchema } from '../schemas/problem.ts';
import { userSchema, userPageSchema } from '../schemas/user.ts';

export const openApiFrame = (version: string) => ({
  openapi: '3.1.0',
  info: {
    title: 'user-service',
    version,
    license: { name: 'MIT', identifier: 'MIT' },
    description: [
      'Users, sign-in and orders. Errors are RFC 9457 problem documents; `type` resolves to documentation.',
      'An unknown path gets 404, an unsupported method 405 with `Allow`, a request that arrives too slowly 408,',
      'and an expectation other than `100-continue` 417.',
    ].join(' '),
  },
  servers: [{ url: '/' }],
  tags: [
    { name: 'users', description: 'Accounts.' },
    { name: 'auth', description: 'Sessions and tokens.' },
    { name: 'orders', description: 'Orders of users.' },
    { name: 'problems', description: 'Documentation of problem types.' },
  ],
  components: {
    securitySchemes: {
      accessToken: {
        type: 'http' as const,
        scheme: 'bearer',
        bearerFormat: 'JWT (RFC 9068)',
        description: 'Access token issued by `logIn` (users) or `issueClientToken` (services).',
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

/** An example of the schema, not of the parameter: the documentation page fills in the latter, and few callers want every header. */
const toParameter = (name: string, { description, required = false, example }: HeaderDocs) => ({
  name,
  in: 'header',
  required,
  description,
  schema: { type: 'string', examples: [example] },
});

export const toParameters = ({ headers = {} }: RouteDocs): object[] =>
  Object.entries(headers).map(([name, header]) => toParameter(name, header));
