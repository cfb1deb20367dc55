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
  /** When the session expires: the token expires no later. */
  readonly notAfter?: Date;
  /** When the user has entered the password for this token, see reauthenticate.ts; not the time of sign-in. */
  readonly authenticatedAt?: Date;
};

const toSeconds = (time: Date): number => Math.floor(time.getTime() / 1000);

/** The client id in the tokens of users: this service's own sign-in. RFC 9068 requires a client in every token. */
export const FIRST_PARTY = 'user-service';

/** Issues access tokens in the profile of RFC 9068, in a token response of RFC 6749 section 5.1. */
export const makeTokenIssuer =
  ({ readKeySet, issuer, audience, ttlSeconds, now }: Options) =>
  async ({ subject, clientId, scopes, sessionId, notAfter, authenticatedAt }: Grant): Promise<TokenResponse> => {
    const { kid, key } = readKeySet().signing;
    const issuedAt = toSeconds(now());
    const expiresIn = notAfter === undefined ? ttlSeconds : Math.min(ttlSeconds, toSeconds(notAfter) - issuedAt);
    const scope = scopes.join(' ');
    const access_token = await new SignJWT({
      client_id: clientId,
      scope,
      ...(sessionId !== undefined && { sid: sessionId }),
      ...(authenticatedAt !== undefined && { auth_time: toSeconds(authenticatedAt) }),
    })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'at+jwt', kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(subject)
      .setJti(randomUUID())
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + expiresIn)
      .sign(key);
    return { access_token, token_type: 'Bearer', expires_in: expiresIn, scope };
  };

export type IssueToken = ReturnType<typeof makeTokenIssuer>;
