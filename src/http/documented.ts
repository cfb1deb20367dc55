// What a route says about itself beyond the schemas that Fastify compiles: the document needs it, requests don't pay for it.

import type { ProblemCode } from './problem-types.ts';

export type DocumentedHeader = { readonly description: string; readonly required?: boolean; readonly example?: string };

export type DocumentedAnswer = {
  readonly description: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of components.schemas. */
  readonly schema?: 'User' | 'UserPage' | 'Order' | 'OrderPage';
};

export type Documented = {
  readonly answers?: Readonly<Record<number, DocumentedAnswer>>;
  readonly headers?: Readonly<Record<string, DocumentedHeader>>;
  readonly problems: readonly ProblemCode[];
};

declare module 'fastify' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- it adds to an interface
  interface FastifyContextConfig {
    documented?: Documented;
  }
}

/** What can happen to any request. */
const ANY = ['REQUEST_INVALID', 'HEADER_DUPLICATED', 'RATE_LIMITED', 'INTERNAL'] as const;

export const PROBLEMS = {
  any: ANY,
  authenticated: [...ANY, 'TOKEN_MISSING', 'TOKEN_INVALID'],
  withBody: ['BODY_UNREADABLE', 'REQUEST_TIMEOUT', 'BODY_TOO_LARGE', 'CONTENT_TYPE_UNSUPPORTED'],
  withStore: ['STORE_UNAVAILABLE', 'STORE_TIMEOUT', 'DEADLINE_EXCEEDED'],
} as const satisfies Record<string, readonly ProblemCode[]>;

export const ACCESS_TOKEN = [{ accessToken: [] }];

/** The headers of an answer that carries a user. */
export const USER_HEADERS = { ETag: 'The version, for `If-Match` and `If-None-Match`.' };

/** The headers of an answer that carries an order. */
export const ORDER_HEADERS = { ETag: 'The version, for `If-None-Match`.' };
