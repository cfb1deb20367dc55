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
import { formatRefreshToken, hashSecret, newRefreshToken } from './refresh-token.ts';
import { FIRST_PARTY, type IssueToken } from './token-issuer.ts';

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

/** Longer ones can't be anybody's: hashing them would only cost. */
const MAX_LENGTH = 512;

/**
 * Unknown login and wrong password get one answer after one duration (OWASP Authentication Cheat Sheet).
 * @throws AuthError CREDENTIALS_WRONG
 * @throws Unavailable HASHING_BUSY | STORE_UNAVAILABLE | STORE_TIMEOUT
 */
export const makeLogIn = (deps: Deps) => {
  const { credentials, sessions, transact, hasher, issueToken, telemetry, now, refreshTtlSeconds } = deps;

  const verify = async (credential: Credential | undefined, password: string): Promise<Credential | undefined> => {
    const isRight = await (credential === undefined
      ? hasher.verifyNothing(password)
      : hasher.verify(password, credential.passwordHash));
    return isRight ? credential : undefined;
  };

  /** Parameters rise with the years; the only moment to follow is when the password is at hand. Never fails the sign-in. */
  const strengthen = async ({ userId, passwordHash: old }: Credential, password: string): Promise<void> => {
    if (!hasher.needsRehash(old)) return;
    try {
      const passwordHash = await hasher.hash(password);
      await transact(async (stores) => {
        const current = await stores.credentials.findForUpdate(userId);
        if (current?.passwordHash === old) await stores.credentials.replace({ userId, passwordHash });
      });
    } catch {
      // the next sign-in tries again
    }
  };

  return async ({ login, password }: { login: string; password: string }): Promise<SessionTokens> => {
    const isPossible = login.length <= MAX_LENGTH && password.length <= MAX_LENGTH;
    const credential = isPossible ? await verify(await credentials.findByLogin(login), password) : undefined;
    if (credential === undefined) {
      telemetry.signInRefused({ reason: 'credentials' });
      throw new AuthError('CREDENTIALS_WRONG', 'Login or password is wrong.');
    }
    const { userId } = credential;
    await strengthen(credential, password);
    const token = newRefreshToken();
    const { sessionId } = token;
    const expiresAt = new Date(now().getTime() + refreshTtlSeconds * 1000);
    await sessions.create({ id: sessionId, userId, tokenHash: hashSecret(token), expiresAt });
    const answer = await issueToken({ subject: userId, clientId: FIRST_PARTY, scopes: [], sessionId });
    telemetry.signedIn({ userId });
    return { ...answer, refresh_token: formatRefreshToken(token) };
  };
};

export type LogIn = ReturnType<typeof makeLogIn>;
