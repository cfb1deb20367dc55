import { LRUCache } from 'lru-cache';

import type { RevocationList } from '../../auth/ports.ts';

const MAX_SESSIONS = 100_000;

/** @param options ttlSeconds lifetime of an access token */
export const makeMemoryRevocationList = ({ ttlSeconds }: { ttlSeconds: number }): RevocationList => {
  const revoked = new LRUCache<string, true>({ max: MAX_SESSIONS, ttl: ttlSeconds * 1000 });
  return {
    isRevoked: (sessionId) => revoked.has(sessionId),
    revoke: (sessionIds) => {
      for (const id of sessionIds) revoked.set(id, true);
      return Promise.resolve();
    },
  };
};
