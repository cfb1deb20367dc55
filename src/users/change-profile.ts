import type { Principal } from '../auth/principal.ts';
import { assertMayChange, userNotFound } from './access.ts';
import { UserError } from './errors.ts';
import { userProfileChanged } from './events.ts';
import type { UserTelemetry, UserTransact } from './ports.ts';
import type { UserCache } from './reader.ts';
import { assertNoFaults, findProfileFaults, type Profile } from './profile.ts';
import { toUserRepresentation, type UserRepresentation } from './user-representation.ts';
import type { User, UserId } from './user.ts';

type Deps = {
  readonly transact: UserTransact;
  readonly cache: Pick<UserCache, 'changed'>;
  readonly telemetry: Pick<UserTelemetry, 'userProfileChanged'>;
  readonly now: () => Date;
  /** Step-up, see auth/reauthenticate.ts. @throws AuthError REAUTHENTICATION_REQUIRED */
  readonly assertReauthenticated: (principal: Principal) => void;
};

const stale = (): UserError => new UserError('USER_VERSION_STALE', 'The user was changed since that version was read.');

/**
 * @param expectedVersion the one that the caller read
 * @throws AuthError REAUTHENTICATION_REQUIRED for another e-mail address: mail to it can take the account over
 * @throws UserError USER_INPUT_INVALID | USER_NOT_FOUND | USER_VERSION_STALE | USERNAME_TAKEN | EMAIL_TAKEN
 */
export const makeChangeProfile =
  ({ transact, cache, telemetry, now, assertReauthenticated }: Deps) =>
  async (
    principal: Principal,
    id: UserId,
    expectedVersion: number,
    changes: Partial<Profile>,
  ): Promise<UserRepresentation> => {
    assertMayChange(principal, id);
    if (changes.email !== undefined) assertReauthenticated(principal);
    assertNoFaults(findProfileFaults(changes));
    const changed = await transact(async ({ users, outbox }): Promise<User> => {
      const user = await users.findForUpdate(id);
      if (user === undefined) throw userNotFound();
      if (user.version !== expectedVersion) throw stale();
      const next = { ...user, ...changes, version: user.version + 1, updatedAt: now() };
      await users.update(next);
      await outbox.add(userProfileChanged(next, Object.keys(changes)));
      return next;
    });
    const representation = toUserRepresentation(changed);
    await cache.changed(id, representation);
    telemetry.userProfileChanged({ userId: id, version: changed.version, fields: Object.keys(changes) });
    return representation;
  };

export type ChangeProfile = ReturnType<typeof makeChangeProfile>;
