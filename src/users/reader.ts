// Reads outside a transaction, and the cache around them. Implemented in postgres/users/, redis/ and embedded/.

import type { UserRepresentation } from './user-representation.ts';
import type { UserId } from './user.ts';

/** The cache is a wrapper of this same type. @throws Unavailable STORE_UNAVAILABLE | STORE_TIMEOUT */
export type UserReader = {
  findRepresentation(id: UserId): Promise<UserRepresentation | undefined>;
};

/** Notified right after a commit, so that a late cache fill can't restore an older version. Never rejects. */
export type UserCache = {
  changed(id: UserId, representation: UserRepresentation): Promise<void>;
  erased(id: UserId): Promise<void>;
};
