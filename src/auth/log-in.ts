import { AuthError } from './errors.ts';
import type {
  AuthTelemetry,
  AuthTransact,
  Caller,
  Credential,
  CredentialReader,
  PasswordHasher,
  SessionStore,
  SessionTokens,
} from './ports.ts';
import { formatRefreshToken, hashSecret, newRefreshToken } from './tokens/refresh-token.ts';
import { FIRST_PARTY, type IssueToken } from './tokens/token-issuer.ts';

type Deps = {
  readonly credentials: CredentialReader;
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

/**
 * An unknown login and a wrong password get the same error in the same time (OWASP Authentication Cheat Sheet).
 * @throws AuthError CREDENTIALS_WRONG
 * @throws Unavailable HASHING_BUSY | STORE_UNAVAILABLE | STORE_TIMEOUT
 */
export const makeLogIn = (deps: Deps) => {
  const { credentials, sessions, transact, hasher, issueToken, telemetry, now, refreshTtlSeconds } = deps;

  const verify = async (credential: Credential | undefined, password: string): Promise<Credential | undefined> => {
    const isRight = await (credential === undefined
      ? hasher.verifyDummy(password)
      : hasher.verify(password, credential.passwordHash));
    return isRight ? credential : undefined;
  };

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

  return async (
    { login, password }: { login: string; password: string },
    { address }: Caller = {},
  ): Promise<SessionTokens> => {
    const isPossible = login.length <= MAX_LENGTH && password.length <= MAX_LENGTH;
    const credential = isPossible ? await verify(await credentials.findByLogin(login), password) : undefined;
    if (credential === undefined) {
      telemetry.signInRefused({ reason: 'credentials', address });
      throw new AuthError('CREDENTIALS_WRONG', 'Login or password is wrong.');
    }
    const { userId } = credential;
    await rehash(credential, password);
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
