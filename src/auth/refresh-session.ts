// Refresh token rotation (RFC 9700 section 4.14.2): each token works once. A reused token means that it or its successor was stolen, so the session
// ends for both parties. A token that was never issued has no effect: the session id alone is no secret, it is in every access token.

import { AuthError } from './errors.ts';
import type { AuthTelemetry, Caller, RevocationList, SessionStore, SessionTokens } from './ports.ts';
import {
  formatRefreshToken,
  hashFamily,
  hashSecret,
  nextRefreshToken,
  parseRefreshToken,
  type RefreshToken,
} from './tokens/refresh-token.ts';
import { FIRST_PARTY, type IssueToken } from './tokens/token-issuer.ts';

type Deps = {
  readonly sessions: Pick<SessionStore, 'rotate' | 'endFamily'>;
  readonly revocations: Pick<RevocationList, 'revoke'>;
  readonly issueToken: IssueToken;
  readonly telemetry: Pick<AuthTelemetry, 'sessionRefreshed' | 'refreshTokenReused'>;
  readonly now: () => Date;
  readonly refreshTtlSeconds: number;
  /** From sign-in: no refresh prolongs a session beyond it. */
  readonly maxLifetimeSeconds: number;
};

const invalid = (): AuthError => new AuthError('REFRESH_TOKEN_INVALID', 'The refresh token is not valid.');

/** @throws AuthError REFRESH_TOKEN_INVALID */
export const makeRefreshSession = (deps: Deps) => {
  const { sessions, revocations, issueToken, telemetry, now, refreshTtlSeconds, maxLifetimeSeconds } = deps;

  const endReused = async (used: RefreshToken, { address }: Caller): Promise<void> => {
    const { sessionId } = used;
    const userId = await sessions.endFamily(sessionId, hashFamily(used));
    if (userId === undefined) return;
    await revocations.revoke([sessionId]);
    telemetry.refreshTokenReused({ userId, address });
  };

  const rotate = (used: RefreshToken, next: RefreshToken) =>
    sessions.rotate({
      sessionId: used.sessionId,
      from: hashSecret(used),
      to: hashSecret(next),
      familyHash: hashFamily(used),
      expiresAt: new Date(now().getTime() + refreshTtlSeconds * 1000),
      maxLifetimeSeconds,
    });

  return async (text: string, caller: Caller = {}): Promise<SessionTokens> => {
    const used = parseRefreshToken(text);
    if (used === undefined) throw invalid();
    const next = nextRefreshToken(used);
    const rotated = await rotate(used, next);
    if (rotated === undefined) {
      await endReused(used, caller);
      throw invalid();
    }
    const { userId, expiresAt: notAfter } = rotated;
    const { sessionId } = used;
    const response = await issueToken({ subject: userId, clientId: FIRST_PARTY, scopes: [], sessionId, notAfter });
    telemetry.sessionRefreshed({ userId });
    return { ...response, refresh_token: formatRefreshToken(next) };
  };
};

export type RefreshSession = ReturnType<typeof makeRefreshSession>;
