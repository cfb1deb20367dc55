import { AuthError } from './errors.ts';
import { assertPasswordAcceptable } from './passwords/password-policy.ts';
import type { AuthTelemetry, AuthTransact, CredentialReader, PasswordHasher, RevocationList } from './ports.ts';
import type { Client, GuessLimit } from '../rate-limit/ports.ts';
import type { Principal } from './principal.ts';

type Deps = {
  readonly credentials: Pick<CredentialReader, 'findWithOwner'>;
  readonly guesses: Pick<GuessLimit, 'byUser'>;
  readonly transact: AuthTransact;
  readonly hasher: Pick<PasswordHasher, 'hash' | 'verify'>;
  readonly revocations: Pick<RevocationList, 'revoke'>;
  readonly telemetry: Pick<AuthTelemetry, 'passwordChanged'>;
  /** The errors of users/ for an account that does not exist, and for one that is not the caller's. */
  readonly userNotFound: () => Error;
  readonly accessDenied: () => Error;
};

type Passwords = { readonly oldPassword: string; readonly newPassword: string };

const wrong = (): AuthError =>
  new AuthError('PASSWORD_WRONG', 'The old password is wrong.', {
    faults: [{ pointer: '/oldPassword', detail: 'is wrong' }],
  });

/**
 * Ends all other sessions of the user. Hashing happens outside of the transaction, so that no connection waits for it.
 * @throws AuthError PASSWORD_UNACCEPTABLE | PASSWORD_WRONG
 * @throws LimitError RATE_LIMITED
 * @throws UserError USER_NOT_FOUND
 */
export const makeChangePassword = (deps: Deps) => {
  const { credentials, guesses, transact, hasher, revocations, telemetry, userNotFound, accessDenied } = deps;

  return async (
    principal: Principal,
    userId: string,
    { oldPassword, newPassword }: Passwords,
    client: Client,
  ): Promise<void> => {
    if (principal.kind !== 'user' || principal.subject !== userId) throw accessDenied();
    const known = await credentials.findWithOwner(userId);
    if (known === undefined) throw userNotFound();
    const { credential, owner } = known;
    assertPasswordAcceptable(newPassword, '/newPassword', owner, oldPassword);
    const turn = await guesses.byUser(userId, client, async (next) =>
      (await hasher.verify(oldPassword, credential.passwordHash, next)) ? next : undefined,
    );
    if (turn === undefined) throw wrong();
    const passwordHash = await hasher.hash(newPassword, turn);
    const ended = await transact(async (stores) => {
      const current = await stores.credentials.findForUpdate(userId);
      if (current === undefined) throw userNotFound(); // erased meanwhile
      if (current.passwordHash !== credential.passwordHash) throw wrong(); // a concurrent change was committed first
      await stores.credentials.replace({ userId, passwordHash });
      return stores.sessions.endAll(userId, principal.sessionId);
    });
    await revocations.revoke(ended);
    telemetry.passwordChanged({ userId, endedSessions: ended.length });
  };
};

export type ChangePassword = ReturnType<typeof makeChangePassword>;
