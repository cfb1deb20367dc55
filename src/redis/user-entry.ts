// What the cache has under the key of a user: an entry, `<version>|<json>`, or the lease of a process that is reading the user.

import { randomUUID } from 'node:crypto';

import type { UserRepresentation } from '../users/user-representation.ts';

/** Negative entry: there is no such user. */
export const MISSING: UserRepresentation = { version: 0, json: '' };

export const formatEntry = ({ version, json }: UserRepresentation): string => `${version}|${json}`;

/** Undefined when the text is not an entry. */
export const parseEntry = (text: string): UserRepresentation | undefined => {
  const end = text.indexOf('|');
  const version = end > 0 ? Number(text.slice(0, end)) : Number.NaN;
  return Number.isSafeInteger(version) ? { version, json: text.slice(end + 1) } : undefined;
};

/** Undefined for a negative entry, and for the tombstone of an erased user that the previous release writes. */
export const userOf = (entry: UserRepresentation): UserRepresentation | undefined =>
  entry.json === '' ? undefined : entry;

/** Different from every other lease. The previous release takes it for an invalid entry, which it replaces. */
export const newLease = (): string => `lease|${randomUUID()}`;

export const isLease = (text: string): boolean => text.startsWith('lease|');
