// What all lists have in common: how many, and where the next page is.

import type { FastifyReply, FastifyRequest } from 'fastify';

import { JSON_CONTENT_TYPE, OWN_CACHE_CONTROL } from './conditional/representation.ts';

export const DEFAULT_LIMIT = 20;

/** A query is text; this is the one parameter of it that is a number. What is not one stays text for the schema to refuse. */
export const readLimit = async ({ query }: FastifyRequest): Promise<void> => {
  const numbers = query as { limit?: unknown };
  if (typeof numbers.limit === 'string' && /^\d{1,9}$/.test(numbers.limit)) numbers.limit = Number(numbers.limit);
  return Promise.resolve();
};

type Page = {
  readonly path: string;
  readonly limit: number;
  readonly documents: readonly { readonly json: string }[];
  readonly nextCursor: string | undefined;
};

/** Documents are joined as they are kept: nothing is parsed or serialised. */
export const sendPage = (reply: FastifyReply, { path, limit, documents, nextCursor }: Page): string => {
  const items = documents.map(({ json }) => json).join(',');
  reply.headers({ 'content-type': JSON_CONTENT_TYPE, 'cache-control': OWN_CACHE_CONTROL });
  if (nextCursor === undefined) return `{"items":[${items}]}`;
  reply.header('link', `<${path}?limit=${limit}&cursor=${nextCursor}>; rel="next"`);
  return `{"items":[${items}],"nextCursor":"${nextCursor}"}`;
};
