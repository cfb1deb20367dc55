// The cache entry of a user: `<version>|<json>`. The version comes first so that Redis compares it without parsing JSON.

import type { UserRepresentation } from '../users/user-representation.ts';

/** Negative entry: there is no such user. Any user is newer. */
export const MISSING: UserRepresentation = { version: 0, json: '' };

/** Tombstone: nothing is newer, so a concurrent fill can't restore an erased user. */
export const ERASED: UserRepresentation = { version: Number.MAX_SAFE_INTEGER, json: '' };

/** Undefined when the text is not an entry. */
export const parseEntry = (text: string): UserRepresentation | undefined => {
  const end = text.indexOf('|');
  const version = end > 0 ? Number(text.slice(0, end)) : Number.NaN;
  return Number.isSafeInteger(version) ? { version, json: text.slice(end + 1) } : undefined;
};

/** Undefined for a negative entry and for a tombstone. */
export const userOf = (entry: UserRepresentation): UserRepresentation | undefined =>
  entry.json === '' ? undefined : entry;
