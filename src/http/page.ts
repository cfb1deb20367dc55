// What all list routes share: the page size, and the link to the next page.

import type { FastifyReply, FastifyRequest } from 'fastify';

import { JSON_CONTENT_TYPE, OWN_CACHE_CONTROL } from './conditional/representation.ts';

export const DEFAULT_LIMIT = 20;

/** A query is text; this is the one parameter of it that is a number. Anything else stays text and fails validation. */
export const readLimit = async ({ query }: FastifyRequest): Promise<void> => {
  const numbers = query as { limit?: unknown };
  if (typeof numbers.limit === 'string' && /^\d{1,9}$/.test(numbers.limit)) numbers.limit = Number(numbers.limit);
  return Promise.resolve();
};

type Page = {
  readonly path: string;
  readonly limit: number;
  readonly representations: readonly { readonly json: string }[];
  readonly nextCursor: string | undefined;
};

/** Representations are joined as they are stored: nothing is parsed or serialized. @returns the body, for the handler to return */
export const sendPage = (reply: FastifyReply, { path, limit, representations, nextCursor }: Page): string => {
  const items = representations.map(({ json }) => json).join(',');
  reply.headers({ 'content-type': JSON_CONTENT_TYPE, 'cache-control': OWN_CACHE_CONTROL });
  if (nextCursor === undefined) return `{"items":[${items}]}`;
  reply.header('link', `<${path}?limit=${limit}&cursor=${nextCursor}>; rel="next"`);
  return `{"items":[${items}],"nextCursor":"${nextCursor}"}`;
};
