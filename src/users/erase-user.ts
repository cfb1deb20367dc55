import type { CredentialStore, RevocationList, SessionStore } from '../auth/ports.ts';
import type { Principal } from '../auth/principal.ts';
import { assertMayChange, userNotFound } from './access.ts';
import { userErased } from './events.ts';
import type { UserTelemetry, UserOutbox, UserStore } from './ports.ts';
import type { UserCache } from './reader.ts';
import type { UserId } from './user.ts';

type Stores = {
  readonly credentials: Pick<CredentialStore, 'findForUpdate'>;
  readonly users: Pick<UserStore, 'erase'>;
  readonly sessions: Pick<SessionStore, 'endAll'>;
  readonly outbox: UserOutbox;
};

type Deps = {
  readonly transact: <T>(work: (stores: Stores) => Promise<T>) => Promise<T>;
  readonly cache: Pick<UserCache, 'erased'>;
  readonly revocations: Pick<RevocationList, 'revoke'>;
  readonly telemetry: Pick<UserTelemetry, 'userErased'>;
  readonly now: () => Date;
  /** Step-up, see auth/reauthenticate.ts. @throws AuthError REAUTHENTICATION_REQUIRED */
  readonly assertReauthenticated: (principal: Principal) => void;
};

/**
 * Erasure (GDPR article 17): deletes all personal data in one transaction, ends the sessions and revokes their access tokens.
 * @throws UserError USER_NOT_FOUND
 * @throws AuthError REAUTHENTICATION_REQUIRED
 */
export const makeEraseUser =
  ({ transact, cache, revocations, telemetry, now, assertReauthenticated }: Deps) =>
  async (principal: Principal, id: UserId): Promise<void> => {
    assertMayChange(principal, id);
    assertReauthenticated(principal);
    const ended = await transact(async ({ credentials, users, sessions, outbox }) => {
      await credentials.findForUpdate(id); // so that no session starts after the others have ended
      const sessionIds = await sessions.endAll(id);
      if (!(await users.erase(id))) throw userNotFound();
      await outbox.add(userErased(id, now()));
      return sessionIds;
    });
    await Promise.all([cache.erased(id), revocations.revoke(ended)]);
    telemetry.userErased({ userId: id });
  };

export type EraseUser = ReturnType<typeof makeEraseUser>;
