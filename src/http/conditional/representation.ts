// Responses whose body is a stored representation: sent as it is, without parsing or serializing, with its version as ETag.

import type { FastifyReply } from 'fastify';

import { isFresh, toEtag } from './etag.ts';

type Representation = { readonly version: number; readonly json: string };

export const JSON_CONTENT_TYPE = 'application/json; charset=utf-8';

/** The caller's own cache may store it, and revalidates it each time. */
export const OWN_CACHE_CONTROL = 'private, no-cache';

const versionHeaders = ({ version }: Representation) => ({
  'cache-control': OWN_CACHE_CONTROL,
  etag: toEtag(version),
});

/** Sets the headers. @returns the body, for the handler to return */
export const sendRepresentation = (reply: FastifyReply, representation: Representation): string => {
  reply.headers(versionHeaders(representation)).header('content-type', JSON_CONTENT_TYPE);
  return representation.json;
};

/** The same for a read: 304 without a body when the caller has this version. */
export const sendUnlessFresh = (
  reply: FastifyReply,
  representation: Representation,
  ifNoneMatch: string | undefined,
): string | FastifyReply =>
  isFresh(ifNoneMatch, toEtag(representation.version))
    ? reply.code(304).headers(versionHeaders(representation)).send()
    : sendRepresentation(reply, representation);
