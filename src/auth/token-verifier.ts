// RFC 9068 section 4 and RFC 8725: what a token says about how to check it is not believed.

import { jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { LRUCache } from 'lru-cache';

import { AuthError } from './errors.ts';
import { ALGORITHM, type KeySet } from './key-set.ts';
import type { RevocationList } from './ports.ts';
import type { Principal } from './principal.ts';
import { FIRST_PARTY } from './token-issuer.ts';

type Options = {
  readonly keySet: Pick<KeySet, 'verifyingKey'>;
  readonly issuer: string;
  readonly audience: string;
  readonly revocations: Pick<RevocationList, 'isRevoked'>;
  readonly now: () => Date;
};

const MAX_LENGTH = 4096;
const MAX_REMEMBERED = 10_000;
const FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** A header may name the key and nothing else: no `jku`, `x5u`, `jwk` or `crit` of the sender's choice. */
const HEADER_MEMBERS = new Set(['alg', 'typ', 'kid']);

/** One answer for every reason. */
const refused = (cause?: unknown): AuthError =>
  new AuthError('TOKEN_INVALID', 'The access token is not valid.', { cause });

const toPrincipal = ({ sub, exp, scope, client_id: clientId, sid }: JWTPayload): Principal => {
  if (typeof sub !== 'string' || sub === '' || typeof clientId !== 'string' || typeof exp !== 'number') throw refused();
  const kind = sid === undefined ? 'service' : 'user';
  if (sid !== undefined && (typeof sid !== 'string' || clientId !== FIRST_PARTY)) throw refused();
  if (scope !== undefined && typeof scope !== 'string') throw refused();
  const scopes = new Set((scope ?? '').split(' ').filter((name) => name !== ''));
  return { subject: sub, kind, sessionId: sid, scopes, expiresAt: exp };
};

/**
 * Answers at once for a token that it has seen, and then costs one look-up.
 * @throws AuthError TOKEN_INVALID
 */
export const makeTokenVerifier = ({ keySet, issuer, audience, revocations, now }: Options) => {
  const known = new LRUCache<string, Principal>({ max: MAX_REMEMBERED });

  const findKey: JWTVerifyGetKey = async (header) => {
    if (!Object.keys(header).every((name) => HEADER_MEMBERS.has(name)) || typeof header.kid !== 'string')
      throw refused();
    const key = await keySet.verifyingKey(header.kid);
    if (key === undefined) throw refused();
    return key;
  };

  const assertAlive = (principal: Principal): Principal => {
    const { expiresAt, sessionId } = principal;
    if (expiresAt * 1000 <= now().getTime()) throw refused();
    if (sessionId !== undefined && revocations.isRevoked(sessionId)) throw refused();
    return principal;
  };

  const verify = async (token: string): Promise<Principal> => {
    if (token.length > MAX_LENGTH || !FORM.test(token)) throw refused();
    const { payload } = await jwtVerify(token, findKey, {
      algorithms: [ALGORITHM],
      typ: 'at+jwt',
      issuer,
      audience,
      currentDate: now(),
      requiredClaims: ['exp', 'iat', 'sub', 'jti', 'client_id'],
    }).catch((error: unknown) => {
      throw refused(error);
    });
    if (typeof payload.jti !== 'string' || Number(payload.iat) * 1000 > now().getTime() + 5000) throw refused();
    const principal = assertAlive(toPrincipal(payload));
    known.set(token, principal);
    return principal;
  };

  return (token: string): Principal | Promise<Principal> => {
    const principal = known.get(token);
    return principal === undefined ? verify(token) : assertAlive(principal);
  };
};
