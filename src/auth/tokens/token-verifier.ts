// Verifies access tokens (RFC 9068 section 4, RFC 8725). A token's header does not choose the algorithm, and names only a key of the key set.

import { jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { LRUCache } from 'lru-cache';

import { AuthError, RevokedToken } from '../errors.ts';
import { ALGORITHM, type KeySet } from './key-set.ts';
import type { RevocationList } from '../ports.ts';
import type { Principal } from '../principal.ts';
import { FIRST_PARTY } from './token-issuer.ts';

type Options = {
  /** The current key set: the same object until the keys change. */
  readonly readKeySet: () => Pick<KeySet, 'verifying'>;
  /** A token that lives longer was not issued by this service. */
  readonly maxLifetimeSeconds: number;
  readonly issuer: string;
  readonly audience: string;
  readonly revocations: Pick<RevocationList, 'isRevoked'>;
  readonly now: () => Date;
};

const MAX_LENGTH = 4096;
const MAX_CACHED = 10_000;
const FORMAT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** Header members that are accepted: no `jku`, `x5u`, `jwk` or `crit` of the sender's choice. */
const HEADER_MEMBERS = new Set(['alg', 'typ', 'kid']);

/** A clock of another process may be this much ahead. */
const CLOCK_SKEW_SECONDS = 5;

/** One error for every cause. */
const invalidToken = (cause?: unknown): AuthError =>
  new AuthError('TOKEN_INVALID', 'The access token is not valid.', { cause });

const toPrincipal = ({
  sub,
  exp,
  scope,
  client_id: clientId,
  sid,
  auth_time: authenticatedAt,
}: JWTPayload): Principal => {
  if (typeof sub !== 'string' || sub === '' || typeof clientId !== 'string' || typeof exp !== 'number')
    throw invalidToken();
  const kind = sid === undefined ? 'service' : 'user';
  if (sid !== undefined && (typeof sid !== 'string' || clientId !== FIRST_PARTY)) throw invalidToken();
  if (scope !== undefined && typeof scope !== 'string') throw invalidToken();
  if (authenticatedAt !== undefined && typeof authenticatedAt !== 'number') throw invalidToken();
  const scopes = new Set((scope ?? '').split(' ').filter((name) => name !== ''));
  return { subject: sub, kind, sessionId: sid, scopes, expiresAt: exp, authenticatedAt };
};

/**
 * The longest lifetime of a valid access token in seconds: `accepted` while the lifetime of new tokens changes. What is remembered about a token,
 * such as the end of its session, is remembered for this long.
 */
export const longestLifetime = (lifetimes: {
  accessTokenTtlSeconds: number;
  acceptedTokenTtlSeconds: number;
}): number => Math.max(lifetimes.accessTokenTtlSeconds, lifetimes.acceptedTokenTtlSeconds);

const makeFindKey =
  ({ verifying }: Pick<KeySet, 'verifying'>): JWTVerifyGetKey =>
  (header) => {
    if (!Object.keys(header).every((name) => HEADER_MEMBERS.has(name)) || typeof header.kid !== 'string')
      throw invalidToken();
    const key = verifying.get(header.kid);
    if (key === undefined) throw invalidToken();
    return key;
  };

/**
 * Verified tokens are cached: the principal of a cached token is returned synchronously, after the checks of expiry and revocation. The cache is
 * emptied when the keys change, so that no token outlives its key.
 * @throws AuthError TOKEN_INVALID
 */
export const makeTokenVerifier = (options: Options) => {
  const { readKeySet, issuer, audience, maxLifetimeSeconds, revocations, now } = options;
  const cached = new LRUCache<string, Principal>({ max: MAX_CACHED });
  let current = readKeySet();

  const currentKeySet = (): Pick<KeySet, 'verifying'> => {
    const newest = readKeySet();
    if (newest !== current) cached.clear();
    current = newest;
    return current;
  };

  const assertLifetime = ({ iat = 0, exp = Infinity }: JWTPayload): void => {
    const isFromFuture = iat * 1000 > now().getTime() + CLOCK_SKEW_SECONDS * 1000;
    if (isFromFuture || exp - iat > maxLifetimeSeconds) throw invalidToken();
  };

  const assertActive = (principal: Principal): Principal => {
    const { expiresAt, sessionId, subject } = principal;
    if (expiresAt * 1000 <= now().getTime()) throw invalidToken();
    if (sessionId !== undefined && revocations.isRevoked(sessionId)) throw invalidToken(new RevokedToken(subject));
    return principal;
  };

  const verify = async (token: string): Promise<Principal> => {
    if (token.length > MAX_LENGTH || !FORMAT.test(token)) throw invalidToken();
    const keySet = current;
    const { payload } = await jwtVerify(token, makeFindKey(keySet), {
      algorithms: [ALGORITHM],
      typ: 'at+jwt',
      issuer,
      audience,
      currentDate: now(),
      requiredClaims: ['exp', 'iat', 'sub', 'jti', 'client_id'],
    }).catch((error: unknown) => {
      throw invalidToken(error);
    });
    if (typeof payload.jti !== 'string') throw invalidToken();
    assertLifetime(payload);
    const principal = assertActive(toPrincipal(payload));
    if (currentKeySet() === keySet) cached.set(token, principal);
    return principal;
  };

  return (token: string): Principal | Promise<Principal> => {
    currentKeySet();
    const principal = cached.get(token);
    return principal === undefined ? verify(token) : assertActive(principal);
  };
};
