import { AuthError } from './errors.ts';
import type {
  AuthTelemetry,
  AuthTransact,
  Credential,
  CredentialReader,
  PasswordHasher,
  SessionStore,
  SessionTokens,
  Turn,
} from './ports.ts';
import type { Client, GuessLimit } from '../rate-limit/ports.ts';
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
  readonly guesses: Pick<GuessLimit, 'signIn'>;
  readonly sessions: Pick<SessionStore, 'start'>;
  readonly transact: AuthTransact;
  readonly hasher: PasswordHasher;
  readonly issueToken: IssueToken;
  readonly telemetry: Pick<AuthTelemetry, 'signedIn' | 'signInRefused'>;
  readonly now: () => Date;
  readonly refreshTtlSeconds: number;
};

type Started = {
  readonly credential: Credential;
  readonly token: RefreshToken;
  readonly turn: Turn;
  readonly expiresAt: Date;
};

/** Longer input can't match an account and is not hashed. */
const MAX_LENGTH = 512;
/** Usernames and e-mail addresses are ASCII. The database folds the case of other letters, too: `lower('İ')` is `i` in some locales. */
const ASCII = /^[!-~]+$/;

type Login = { readonly login: string; readonly password: string };

/** How often the password is verified again because the hash was replaced meanwhile. */
const MAX_REPEATS = 2;

/**
 * An unknown login and a wrong password get the same error in the same time (OWASP Authentication Cheat Sheet). A session starts only while the
 * hash that was verified is still the user's.
 * @throws AuthError CREDENTIALS_WRONG
 * @throws LimitError RATE_LIMITED
 * @throws Unavailable HASHING_BUSY | STORE_UNAVAILABLE | STORE_TIMEOUT
 */
export const makeLogIn = (deps: Deps) => {
  const { credentials, guesses, sessions, transact, hasher, issueToken, telemetry, now, refreshTtlSeconds } = deps;

  const isRight = (credential: Credential | undefined, { password }: Login, turn: Turn): Promise<boolean> =>
    credential === undefined
      ? hasher.verifyDummy(password, turn)
      : hasher.verify(password, credential.passwordHash, turn);

  /** Rehashes with the current parameters: the password is only available during a sign-in. Never fails the sign-in. */
  const rehash = async ({ credential, turn }: Started, password: string): Promise<void> => {
    const { userId, passwordHash: old } = credential;
    if (!hasher.needsRehash(old)) return;
    try {
      const passwordHash = await hasher.hash(password, turn);
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
    login: Login,
    turn: Turn,
    repeats = 0,
  ): Promise<Started | undefined> => {
    if (!(await isRight(credential, login, turn)) || credential === undefined) return undefined;
    const { userId, passwordHash: verifiedHash } = credential;
    const token = newRefreshToken();
    const expiresAt = new Date(now().getTime() + refreshTtlSeconds * 1000);
    const hashes = { verifiedHash, tokenHash: hashSecret(token), familyHash: hashFamily(token) };
    if (await sessions.start({ id: token.sessionId, userId, ...hashes, expiresAt }))
      return { credential, token, turn, expiresAt };
    // a change of password makes this one wrong, a rehash by another sign-in does not
    return repeats < MAX_REPEATS
      ? startSession(await credentials.findByUserId(userId), login, turn, repeats + 1)
      : undefined;
  };

  /** Username and e-mail address of one account, in any case, share one budget of guesses. */
  const signIn = async (login: Login, client: Client): Promise<Started | undefined> => {
    if (login.login.length > MAX_LENGTH || login.password.length > MAX_LENGTH) return undefined;
    const credential = ASCII.test(login.login) ? await credentials.findByLogin(login.login) : undefined;
    const account = credential?.userId ?? login.login.toLowerCase();
    return guesses.signIn(account, client, (turn) => startSession(credential, login, turn));
  };

  return async (login: Login, client: Client): Promise<SessionTokens> => {
    const started = await signIn(login, client);
    if (started === undefined) {
      telemetry.signInRefused({ reason: 'credentials', address: client.address });
      throw new AuthError('CREDENTIALS_WRONG', 'Login or password is wrong.');
    }
    const { token, credential, expiresAt: notAfter } = started;
    const { userId } = credential;
    const { sessionId } = token;
    // before the rehash: a token that is issued long after its session was revoked outlives the revocation
    const response = await issueToken({ subject: userId, clientId: FIRST_PARTY, scopes: [], sessionId, notAfter });
    await rehash(started, login.password);
    telemetry.signedIn({ userId });
    return { ...response, refresh_token: formatRefreshToken(token) };
  };
};

export type LogIn = ReturnType<typeof makeLogIn>;
