import type { AuthTelemetry, RevocationList, SessionStore } from './ports.ts';
import type { Principal } from './principal.ts';

type Deps = {
  readonly sessions: Pick<SessionStore, 'end'>;
  readonly revocations: Pick<RevocationList, 'revoke'>;
  readonly telemetry: Pick<AuthTelemetry, 'signedOut'>;
};

/** Ends the session of the caller's token and revokes the token. No effect for a service, which has no session. */
export const makeLogOut =
  ({ sessions, revocations, telemetry }: Deps) =>
  async ({ sessionId }: Principal): Promise<void> => {
    if (sessionId === undefined) return;
    const userId = await sessions.end(sessionId);
    await revocations.revoke([sessionId]);
    if (userId !== undefined) telemetry.signedOut({ userId });
  };

export type LogOut = ReturnType<typeof makeLogOut>;
