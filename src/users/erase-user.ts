import type { RevocationList, SessionStore } from '../auth/ports.ts';
import type { Principal } from '../auth/principal.ts';
import { assertMayChange, userNotFound } from './access.ts';
import type { UserCache, UserFacts, UserStore } from './ports.ts';
import type { UserId } from './user.ts';

type Stores = { readonly users: Pick<UserStore, 'erase'>; readonly sessions: Pick<SessionStore, 'endAll'> };

type Deps = {
  readonly transact: <T>(work: (stores: Stores) => Promise<T>) => Promise<T>;
  readonly cache: Pick<UserCache, 'erased'>;
  readonly revocations: Pick<RevocationList, 'revoke'>;
  readonly facts: Pick<UserFacts, 'userErased'>;
};

/** Erasure (GDPR article 17): everything personal goes in one transaction, and tokens that are still valid end with it. @throws UserError USER_NOT_FOUND */
export const makeEraseUser =
  ({ transact, cache, revocations, facts }: Deps) =>
  async (principal: Principal, id: UserId): Promise<void> => {
    assertMayChange(principal, id);
    const ended = await transact(async ({ users, sessions }) => {
      const sessionIds = await sessions.endAll(id);
      if (!(await users.erase(id))) throw userNotFound();
      return sessionIds;
    });
    await Promise.all([cache.erased(id), revocations.revoke(ended)]);
    facts.userErased({ userId: id });
  };
