import type { AuthFacts, RevocationList, SessionStore } from './ports.ts';
import type { Principal } from './principal.ts';

type Deps = {
  readonly sessions: Pick<SessionStore, 'end'>;
  readonly revocations: Pick<RevocationList, 'revoke'>;
  readonly facts: Pick<AuthFacts, 'signedOut'>;
};

/** Ends the session that the caller's token belongs to, and the token with it. A service has none: nothing happens. */
export const makeLogOut =
  ({ sessions, revocations, facts }: Deps) =>
  async ({ sessionId }: Principal): Promise<void> => {
    if (sessionId === undefined) return;
    const userId = await sessions.end(sessionId);
    await revocations.revoke([sessionId]);
    if (userId !== undefined) facts.signedOut({ userId });
  };
