// Entity tags made of versions: RFC 9110 section 8.8.3, and the two request headers that use them.

import { HttpError } from '../errors.ts';

/** A strong entity tag: the version between quotes. */
export const toEtag = (version: number): string => `"${version}"`;

/** Whether the caller's copy is the current one. RFC 9110 section 13.1.2: weak comparison, a list, or `*`. */
export const isFresh = (ifNoneMatch: string | undefined, etag: string): boolean => {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch === etag || ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
};

const ETAG = /^"(\d{1,9})"$/;

/**
 * The version that a change is based on. RFC 6585 section 3: a change without one could overwrite that of another client.
 * A weak tag never matches (RFC 9110 section 13.1.1); `*` and lists are rejected: they don't say which version was read.
 * @throws HttpError PRECONDITION_REQUIRED | HEADER_INVALID
 */
export const parseIfMatch = (value: string | undefined): number => {
  if (value === undefined) throw new HttpError('PRECONDITION_REQUIRED', 'If-Match is required for a change.');
  const version = ETAG.exec(value.trim())?.[1];
  if (version === undefined)
    throw new HttpError('HEADER_INVALID', 'If-Match must be one ETag as this service returned it.');
  return Number(version);
};
