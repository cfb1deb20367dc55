import type { CredentialStore, RevocationList, SessionStore } from '../auth/ports.ts';
import type { Principal } from '../auth/principal.ts';
import { assertMayChange, userNotFound } from './access.ts';
import { userErased } from './events.ts';
import type { UserTelemetry, UserOutbox, UserStore } from './ports.ts';
import type { FinishErasures } from './finish-erasures.ts';
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
  readonly finish: Pick<FinishErasures, 'one'>;
  readonly now: () => Date;
  /** Step-up, see auth/reauthenticate.ts. @throws AuthError REAUTHENTICATION_REQUIRED */
  readonly assertReauthenticated: (principal: Principal) => void;
};

/** Most users have few orders, and nothing is left when they get their response. */
const FINISH_WITHIN_MS = 300;

/**
 * Erasure (GDPR article 17): one short transaction takes the user away from every reader with all personal data, ends the sessions and
 * writes the event; then the access tokens are revoked. Orders are deleted afterwards, however many there are, see finish-erasures.ts.
 * @throws UserError USER_NOT_FOUND
 * @throws AuthError REAUTHENTICATION_REQUIRED
 */
export const makeEraseUser =
  ({ transact, cache, revocations, telemetry, finish, now, assertReauthenticated }: Deps) =>
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
    await finish.one(id, { budgetMs: FINISH_WITHIN_MS }).catch(() => undefined); // the user is erased; the rest is resumed
  };

export type EraseUser = ReturnType<typeof makeEraseUser>;
