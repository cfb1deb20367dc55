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

const VERSION = /^"(\d{1,9})"$/;
/** RFC 9110 section 8.8.3. Only this service's own tags are versions. */
const ENTITY_TAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;

/** Versions begin with 1. */
const MATCHES_NOTHING = 0;

const invalid = (): HttpError =>
  new HttpError('HEADER_INVALID', 'If-Match must be one ETag as this service returned it.');

/**
 * The version that a change is based on, or 0 when no version can match. RFC 6585 section 3: a change without one could overwrite that of
 * another client. Only strong tags match (RFC 9110 section 13.1.1); proxies that compress make tags weak. `*` and two versions are
 * rejected: they don't say which one was read.
 * @throws HttpError PRECONDITION_REQUIRED | HEADER_INVALID
 */
export const parseIfMatch = (value: string | undefined): number => {
  if (value === undefined) throw new HttpError('PRECONDITION_REQUIRED', 'If-Match is required for a change.');
  const tags = value.split(',').map((tag) => tag.trim());
  if (!tags.every((tag) => ENTITY_TAG.test(tag))) throw invalid();
  const versions = new Set(tags.flatMap((tag) => VERSION.exec(tag)?.[1] ?? []));
  if (versions.size > 1) throw invalid();
  return Number([...versions][0] ?? MATCHES_NOTHING);
};
