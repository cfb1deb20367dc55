// Refresh token rotation (RFC 9700 section 4.14.2): each token works once. A reused token means that it or its successor was stolen, so the session
// ends for both parties.

import { AuthError } from './errors.ts';
import type { AuthTelemetry, Caller, RevocationList, SessionStore, SessionTokens } from './ports.ts';
import { formatRefreshToken, hashSecret, newRefreshToken, parseRefreshToken } from './tokens/refresh-token.ts';
import { FIRST_PARTY, type IssueToken } from './tokens/token-issuer.ts';

type Deps = {
  readonly sessions: Pick<SessionStore, 'rotate' | 'end'>;
  readonly revocations: Pick<RevocationList, 'revoke'>;
  readonly issueToken: IssueToken;
  readonly telemetry: Pick<AuthTelemetry, 'sessionRefreshed' | 'refreshTokenReused'>;
  readonly now: () => Date;
  readonly refreshTtlSeconds: number;
};

const invalid = (): AuthError => new AuthError('REFRESH_TOKEN_INVALID', 'The refresh token is not valid.');

/** @throws AuthError REFRESH_TOKEN_INVALID */
export const makeRefreshSession = (deps: Deps) => {
  const { sessions, revocations, issueToken, telemetry, now, refreshTtlSeconds } = deps;

  const endReused = async (sessionId: string, { address }: Caller): Promise<void> => {
    const userId = await sessions.end(sessionId);
    if (userId === undefined) return;
    await revocations.revoke([sessionId]);
    telemetry.refreshTokenReused({ userId, address });
  };

  return async (text: string, caller: Caller = {}): Promise<SessionTokens> => {
    const used = parseRefreshToken(text);
    if (used === undefined) throw invalid();
    const { sessionId } = used;
    const next = newRefreshToken(sessionId);
    const expiresAt = new Date(now().getTime() + refreshTtlSeconds * 1000);
    const userId = await sessions.rotate({ sessionId, from: hashSecret(used), to: hashSecret(next), expiresAt });
    if (userId === undefined) {
      await endReused(sessionId, caller);
      throw invalid();
    }
    const response = await issueToken({ subject: userId, clientId: FIRST_PARTY, scopes: [], sessionId });
    telemetry.sessionRefreshed({ userId });
    return { ...response, refresh_token: formatRefreshToken(next) };
  };
};

export type RefreshSession = ReturnType<typeof makeRefreshSession>;
