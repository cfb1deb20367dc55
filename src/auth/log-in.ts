import { AuthError } from './errors.ts';
import type {
  AuthTelemetry,
  AuthTransact,
  Credential,
  CredentialReader,
  PasswordHasher,
  SessionStore,
  SessionTokens,
} from './ports.ts';
import {
  formatRefreshToken,
  hashFamily,
  hashSecret,
  newRefreshToken,
  type RefreshToken,
} from './tokens/refresh-token.ts';
import { FIRST_PARTY, type IssueToken } from './tokens/token-issuer.ts';

type Deps = {
  readonly credentials: CredentialReader;
  readonly sessions: Pick<SessionStore, 'start'>;
  readonly transact: AuthTransact;
  readonly hasher: PasswordHasher;
  readonly issueToken: IssueToken;
  readonly telemetry: Pick<AuthTelemetry, 'signedIn' | 'signInRefused'>;
  readonly now: () => Date;
  readonly refreshTtlSeconds: number;
};

type Started = { readonly credential: Credential; readonly token: RefreshToken; readonly expiresAt: Date };

/** Longer input can't match an account and is not hashed. */
const MAX_LENGTH = 512;

/** How often the password is verified again because the hash was replaced meanwhile. */
const MAX_REPEATS = 2;

/**
 * An unknown login and a wrong password get the same error in the same time (OWASP Authentication Cheat Sheet). A session starts only while the
 * hash that was verified is still the user's.
 * @throws AuthError CREDENTIALS_WRONG
 * @throws Unavailable HASHING_BUSY | STORE_UNAVAILABLE | STORE_TIMEOUT
 */
export const makeLogIn = (deps: Deps) => {
  const { credentials, sessions, transact, hasher, issueToken, telemetry, now, refreshTtlSeconds } = deps;

  const isRight = (credential: Credential | undefined, password: string): Promise<boolean> =>
    credential === undefined ? hasher.verifyDummy(password) : hasher.verify(password, credential.passwordHash);

  /** Rehashes with the current parameters: the password is only available during a sign-in. Never fails the sign-in. */
  const rehash = async ({ userId, passwordHash: old }: Credential, password: string): Promise<void> => {
    if (!hasher.needsRehash(old)) return;
    try {
      const passwordHash = await hasher.hash(password);
      await transact(async (stores) => {
        const current = await stores.credentials.findForUpdate(userId);
        if (current?.passwordHash === old) await stores.credentials.replace({ userId, passwordHash });
      });
    } catch {
      // the next sign-in retries
    }
  };

  /** Undefined when the password is wrong. */
  const startSession = async (
    credential: Credential | undefined,
    password: string,
    repeats = 0,
  ): Promise<Started | undefined> => {
    if (!(await isRight(credential, password)) || credential === undefined) return undefined;
    const { userId, passwordHash: verifiedHash } = credential;
    const token = newRefreshToken();
    const expiresAt = new Date(now().getTime() + refreshTtlSeconds * 1000);
    const hashes = { verifiedHash, tokenHash: hashSecret(token), familyHash: hashFamily(token) };
    if (await sessions.start({ id: token.sessionId, userId, ...hashes, expiresAt }))
      return { credential, token, expiresAt };
    // a change of password makes this one wrong, a rehash by another sign-in does not
    return repeats < MAX_REPEATS
      ? startSession(await credentials.findByUserId(userId), password, repeats + 1)
      : undefined;
  };

  return async ({ login, password }: { login: string; password: string }): Promise<SessionTokens> => {
    const isPossible = login.length <= MAX_LENGTH && password.length <= MAX_LENGTH;
    const started = isPossible ? await startSession(await credentials.findByLogin(login), password) : undefined;
    if (started === undefined) {
      telemetry.signInRefused({ reason: 'credentials' });
      throw new AuthError('CREDENTIALS_WRONG', 'Login or password is wrong.');
    }
    const { token, credential, expiresAt: notAfter } = started;
    const { userId } = credential;
    const { sessionId } = token;
    // before the rehash: a token that is issued long after its session was revoked outlives the revocation
    const response = await issueToken({ subject: userId, clientId: FIRST_PARTY, scopes: [], sessionId, notAfter });
    await rehash(credential, password);
    telemetry.signedIn({ userId });
    return { ...response, refresh_token: formatRefreshToken(token) };
  };
};

export type LogIn = ReturnType<typeof makeLogIn>;
