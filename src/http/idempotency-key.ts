import { HttpError } from './errors.ts';

/** Visible ASCII, 1–255 characters; a structured-field string (in quotes) is the same key as its content. */
const KEY = /^[\x21-\x7e]{1,255}$/;
const QUOTED = /^"([\x21\x23-\x5b\x5d-\x7e]{1,255})"$/;

/**
 * draft-ietf-httpapi-idempotency-key-header section 2.
 * @throws HttpError HEADER_INVALID
 */
export const parseIdempotencyKey = (value: string | string[] | undefined): string | undefined => {
  if (value === undefined) return undefined;
  const text = String(value);
  const key = QUOTED.exec(text)?.[1] ?? (KEY.test(text) ? text : undefined);
  if (key === undefined)
    throw new HttpError('HEADER_INVALID', 'Idempotency-Key must be 1 to 255 visible ASCII characters.');
  return key;
};
