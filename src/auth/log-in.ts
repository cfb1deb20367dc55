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
import { formatRefreshToken, hashSecret, newRefreshToken } from './tokens/refresh-token.ts';
import { FIRST_PARTY, type IssueToken } from './tokens/token-issuer.ts';

type Deps = {
  readonly credentials: CredentialReader;
  readonly guesses: Pick<GuessLimit, 'signIn'>;
  readonly sessions: Pick<SessionStore, 'create'>;
  readonly transact: AuthTransact;
  readonly hasher: PasswordHasher;
  readonly issueToken: IssueToken;
  readonly telemetry: Pick<AuthTelemetry, 'signedIn' | 'signInRefused'>;
  readonly now: () => Date;
  readonly refreshTtlSeconds: number;
};

/** Longer input can't match an account and is not hashed. */
const MAX_LENGTH = 512;
/** Usernames and e-mail addresses are ASCII. The database folds the case of other letters, too: `lower('İ')` is `i` in some locales. */
const ASCII = /^[!-~]+$/;

type Verified = { readonly credential: Credential; readonly turn: Turn };
type Login = { readonly login: string; readonly password: string };

/**
 * An unknown login and a wrong password get the same error in the same time (OWASP Authentication Cheat Sheet).
 * @throws AuthError CREDENTIALS_WRONG
 * @throws LimitError RATE_LIMITED
 * @throws Unavailable HASHING_BUSY | STORE_UNAVAILABLE | STORE_TIMEOUT
 */
export const makeLogIn = (deps: Deps) => {
  const { credentials, guesses, sessions, transact, hasher, issueToken, telemetry, now, refreshTtlSeconds } = deps;

  const verify = async (
    credential: Credential | undefined,
    password: string,
    turn: Turn,
  ): Promise<Verified | undefined> => {
    const isRight = await (credential === undefined
      ? hasher.verifyDummy(password, turn)
      : hasher.verify(password, credential.passwordHash, turn));
    return isRight && credential !== undefined ? { credential, turn } : undefined;
  };

  /** Username and e-mail address of one account, in any case, share one budget of guesses. */
  const find = async (login: string, password: string, client: Client): Promise<Verified | undefined> => {
    if (login.length > MAX_LENGTH || password.length > MAX_LENGTH) return undefined;
    const credential = ASCII.test(login) ? await credentials.findByLogin(login) : undefined;
    const account = credential?.userId ?? login.toLowerCase();
    return guesses.signIn(account, client, (turn) => verify(credential, password, turn));
  };

  /** Rehashes with the current parameters: the password is only available during a sign-in. Never fails the sign-in. */
  const rehash = async ({ credential, turn }: Verified, password: string): Promise<void> => {
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

  return async ({ login, password }: Login, client: Client): Promise<SessionTokens> => {
    const verified = await find(login, password, client);
    if (verified === undefined) {
      telemetry.signInRefused({ reason: 'credentials', address: client.address });
      throw new AuthError('CREDENTIALS_WRONG', 'Login or password is wrong.');
    }
    const { userId } = verified.credential;
    await rehash(verified, password);
    const token = newRefreshToken();
    const { sessionId } = token;
    const expiresAt = new Date(now().getTime() + refreshTtlSeconds * 1000);
    await sessions.create({ id: sessionId, userId, tokenHash: hashSecret(token), expiresAt });
    const response = await issueToken({ subject: userId, clientId: FIRST_PARTY, scopes: [], sessionId });
    telemetry.signedIn({ userId });
    return { ...response, refresh_token: formatRefreshToken(token) };
  };
};

export type LogIn = ReturnType<typeof makeLogIn>;
