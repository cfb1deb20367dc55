import type { Principal } from '../auth/principal.ts';
import { assertMayRead, userNotFound } from './access.ts';
import type { CacheResult, UserReader } from './reader.ts';
import type { UserRepresentation } from './user-representation.ts';
import type { UserId } from './user.ts';

/** @throws UserError USER_NOT_FOUND */
export const makeReadUser =
  ({ users }: { users: UserReader }) =>
  async (principal: Principal, id: UserId, onCache?: (result: CacheResult) => void): Promise<UserRepresentation> => {
    assertMayRead(principal, id);
    const representation = await users.findRepresentation(id, onCache);
    if (representation === undefined) throw userNotFound();
    return representation;
  };

export type ReadUser = ReturnType<typeof makeReadUser>;
