// What a route declares about itself beyond the schemas that Fastify compiles: used for the OpenAPI document only, at no cost per request.

import type { Scope } from '../../auth/principal.ts';
import type { ResponseHeaderName } from './response-headers.ts';
import type { ProblemCode } from '../problems/problem-types.ts';

export type HeaderDocs = { readonly description: string; readonly required?: boolean; readonly example: string };

export type ResponseDocs = {
  readonly description: string;
  readonly headers?: readonly ResponseHeaderName[];
  /** Name in components.schemas. */
  readonly schema?: 'User' | 'UserPage' | 'Order' | 'OrderPage';
};

export type RouteDocs = {
  readonly responses?: Readonly<Record<number, ResponseDocs>>;
  readonly headers?: Readonly<Record<string, HeaderDocs>>;
  readonly problems: readonly ProblemCode[];
};

declare module 'fastify' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- it adds to an interface
  interface FastifyContextConfig {
    docs?: RouteDocs;
  }
}

/** Problems of any request. */
const ANY = [
  'REQUEST_MALFORMED',
  'REQUEST_INVALID',
  'HEADER_DUPLICATED',
  'URI_TOO_LONG',
  'RATE_LIMITED',
  'HEADERS_TOO_LARGE',
  'OVERLOADED',
  'INTERNAL',
] as const;

export const PROBLEMS = {
  any: ANY,
  authenticated: [...ANY, 'TOKEN_MISSING', 'TOKEN_INVALID'],
  withBody: ['BODY_UNREADABLE', 'REQUEST_TIMEOUT', 'BODY_TOO_LARGE', 'CONTENT_TYPE_UNSUPPORTED'],
  withStore: ['STORE_UNAVAILABLE', 'STORE_TIMEOUT', 'DEADLINE_EXCEEDED'],
} as const satisfies Record<string, readonly ProblemCode[]>;

/** Every route declares one of these three, so that none is public by accident. */
export const PUBLIC = [];
export const ACCESS_TOKEN = [{ accessToken: [] }];
export const ACCESS_TOKEN_WITH = (scope: Scope) => [{ accessToken: [scope] }];
