import { HttpError } from '../errors.ts';

const ETAG = /^"(\d{1,9})"$/;

/**
 * The version that a change is based on. RFC 6585 section 3: a change without one could undo somebody else's.
 * A weak tag never matches (RFC 9110 section 13.1.1); `*` and lists are refused: they don't say which version was read.
 * @throws HttpError PRECONDITION_REQUIRED | HEADER_INVALID
 */
export const parseIfMatch = (value: string | undefined): number => {
  if (value === undefined) throw new HttpError('PRECONDITION_REQUIRED', 'If-Match is needed for a change.');
  const version = ETAG.exec(value.trim())?.[1];
  if (version === undefined)
    throw new HttpError('HEADER_INVALID', 'If-Match must be one ETag as this service gave it.');
  return Number(version);
};
