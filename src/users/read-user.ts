import type { Principal } from '../auth/principal.ts';
import { assertMayRead, userNotFound } from './access.ts';
import type { UserReader } from './ports.ts';
import type { UserDocument } from './user-representation.ts';
import type { UserId } from './user.ts';

/** @throws UserError USER_NOT_FOUND */
export const makeReadUser =
  ({ users }: { users: UserReader }) =>
  async (principal: Principal, id: UserId): Promise<UserDocument> => {
    assertMayRead(principal, id);
    const document = await users.findDocument(id);
    if (document === undefined) throw userNotFound();
    return document;
  };
