import { createHash, createHmac } from 'node:crypto';

import type { IdempotencyIdentity } from './ports.ts';

/** Canonical JSON: independent of the order of members. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );

/**
 * Identifies a retry. Only hashes are stored: the key as SHA-256, and the request as an HMAC with that key, so that a reader of the table can
 * guess neither keys nor passwords.
 */
export const identify = (operation: string, key: string, request: unknown): IdempotencyIdentity => ({
  keyHash: createHash('sha256').update(`${operation}\0${key}`).digest(),
  fingerprint: createHmac('sha256', key).update(canonical(request)).digest(),
});
