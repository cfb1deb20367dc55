import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';

import { ALGORITHM, type KeySet } from './key-set.ts';
import type { TokenResponse } from '../ports.ts';

type Options = {
  /** The current key set. */
  readonly readKeySet: () => Pick<KeySet, 'signing'>;
  readonly issuer: string;
  readonly audience: string;
  readonly ttlSeconds: number;
  readonly now: () => Date;
};

type Grant = {
  readonly subject: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Only users have sessions. */
  readonly sessionId?: string;
};

/** The client id in the tokens of users: this service's own sign-in. RFC 9068 requires a client in every token. */
export const FIRST_PARTY = 'user-service';

/** Issues access tokens in the profile of RFC 9068, in a token response of RFC 6749 section 5.1. */
export const makeTokenIssuer =
  ({ readKeySet, issuer, audience, ttlSeconds, now }: Options) =>
  async ({ subject, clientId, scopes, sessionId }: Grant): Promise<TokenResponse> => {
    const { kid, key } = readKeySet().signing;
    const issuedAt = Math.floor(now().getTime() / 1000);
    const scope = scopes.join(' ');
    const access_token = await new SignJWT({
      client_id: clientId,
      scope,
      ...(sessionId !== undefined && { sid: sessionId }),
    })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'at+jwt', kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(subject)
      .setJti(randomUUID())
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ttlSeconds)
      .sign(key);
    return { access_token, token_type: 'Bearer', expires_in: ttlSeconds, scope };
  };

export type IssueToken = ReturnType<typeof makeTokenIssuer>;
