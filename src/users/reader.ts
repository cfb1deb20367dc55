// Reads outside a transaction, and the cache around them. Implemented in postgres/users/, redis/ and embedded/.

import type { UserRepresentation } from './user-representation.ts';
import type { UserId } from './user.ts';

/** Whether the answer came from the cache. Without a cache, and when the cache has failed, it did not. */
export type CacheResult = 'hit' | 'miss';

/** The cache is a wrapper of this same type. @throws Unavailable STORE_UNAVAILABLE | STORE_TIMEOUT */
export type UserReader = {
  /** @param onCache called by a cache before it responds */
  findRepresentation(id: UserId, onCache?: (result: CacheResult) => void): Promise<UserRepresentation | undefined>;
};

/** Notified right after a commit, so that a late cache fill can't restore an older version. Never rejects. */
export type UserCache = {
  changed(id: UserId, representation: UserRepresentation): Promise<void>;
  erased(id: UserId): Promise<void>;
};
