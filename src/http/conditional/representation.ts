// Answers that are a published text: sent as it is kept, without parsing or serialising, with its version as ETag.

import type { FastifyReply } from 'fastify';

import { toEtag } from './etag.ts';
import { isFresh } from './if-none-match.ts';

type VersionedRepresentation = { readonly version: number; readonly json: string };

export const JSON_CONTENT_TYPE = 'application/json; charset=utf-8';

/** May be kept by the caller's own cache, and is asked for again each time. */
export const OWN_CACHE_CONTROL = 'private, no-cache';

const versionHeaders = ({ version }: VersionedRepresentation) => ({
  'cache-control': OWN_CACHE_CONTROL,
  etag: toEtag(version),
});

/** Sets the headers of a published text; gives the text back, to be sent as it is. */
export const sendRepresentation = (reply: FastifyReply, document: VersionedRepresentation): string => {
  reply.headers(versionHeaders(document)).header('content-type', JSON_CONTENT_TYPE);
  return document.json;
};

/** The same for a read: 304 without a body when the caller has this version. */
export const sendUnlessFresh = (
  reply: FastifyReply,
  document: VersionedRepresentation,
  ifNoneMatch: string | undefined,
): string | FastifyReply =>
  isFresh(ifNoneMatch, toEtag(document.version))
    ? reply.code(304).headers(versionHeaders(document)).send()
    : sendRepresentation(reply, document);
