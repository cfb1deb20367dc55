// What the cache keeps for a user: `<version>|<json>`. The version stands in front so that Redis compares it without parsing.

import type { UserRepresentation } from '../users/user-representation.ts';

/** Remembers for a short time that there is no such user; any user is newer. */
export const MISSING: UserRepresentation = { version: 0, json: '' };

/** A tombstone: nothing is newer, so a fill that was under way when the user was erased can't bring the user back. */
export const ERASED: UserRepresentation = { version: Number.MAX_SAFE_INTEGER, json: '' };

/** Undefined when the text is not an entry. */
export const parseEntry = (text: string): UserRepresentation | undefined => {
  const end = text.indexOf('|');
  const version = end > 0 ? Number(text.slice(0, end)) : Number.NaN;
  return Number.isSafeInteger(version) ? { version, json: text.slice(end + 1) } : undefined;
};

/** Undefined for the two entries that stand for nobody. */
export const userOf = (entry: UserRepresentation): UserRepresentation | undefined =>
  entry.json === '' ? undefined : entry;
