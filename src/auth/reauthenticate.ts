// Step-up authentication (RFC 9470): what an ordinary access token must not be enough for needs one whose user has entered the password lately.
// Sign-in and refresh issue none, so that a stolen token of a session is not enough either.

import { AuthError } from './errors.ts';
import type {
  AuthTelemetry,
  CredentialReader,
  PasswordHasher,
  SessionCredential,
  TokenResponse,
  Turn,
} from './ports.ts';
import type { Client, GuessLimit } from '../rate-limit/ports.ts';
import type { Principal } from './principal.ts';
import { FIRST_PARTY, type IssueToken } from './tokens/token-issuer.ts';

type Deps = {
  readonly credentials: Pick<CredentialReader, 'findBySession'>;
  readonly guesses: Pick<GuessLimit, 'byUser'>;
  readonly hasher: Pick<PasswordHasher, 'verify'>;
  readonly issueToken: IssueToken;
  readonly telemetry: Pick<AuthTelemetry, 'reauthenticated' | 'reauthenticationRefused'>;
  readonly now: () => Date;
};

/** How often the password is verified again because the hash was replaced meanwhile. */
const MAX_REPEATS = 2;

const wrong = (): AuthError =>
  new AuthError('PASSWORD_WRONG', 'The password is wrong.', { faults: [{ pointer: '/password', detail: 'is wrong' }] });

const ended = (): AuthError => new AuthError('TOKEN_INVALID', 'The access token is not valid.');

/**
 * An access token of the caller's session that carries the time of this call as `auth_time`. It ends with the session, and is not refreshed.
 * @throws LimitError RATE_LIMITED
 * @throws AuthError PASSWORD_WRONG | SESSION_REQUIRED for a service | TOKEN_INVALID when the session has ended
 * @throws Unavailable HASHING_BUSY | STORE_UNAVAILABLE | STORE_TIMEOUT
 */
export const makeReauthenticate = ({ credentials, guesses, hasher, issueToken, telemetry, now }: Deps) => {
  const find = async (sessionId: string): Promise<SessionCredential> => {
    const found = await credentials.findBySession(sessionId);
    if (found === undefined) throw ended();
    return found;
  };

  /** The session, which has not ended while the password was verified. Undefined when the password is wrong. */
  const verify = async (
    sessionId: string,
    password: string,
    turn: Turn,
    repeats = 0,
  ): Promise<SessionCredential | undefined> => {
    const { passwordHash } = await find(sessionId);
    const isRight = await hasher.verify(password, passwordHash, turn);
    const current = await find(sessionId);
    if (isRight && current.passwordHash === passwordHash) return current;
    return isRight && repeats < MAX_REPEATS ? verify(sessionId, password, turn, repeats + 1) : undefined;
  };

  return async ({ subject, sessionId }: Principal, password: string, client: Client): Promise<TokenResponse> => {
    if (sessionId === undefined) throw new AuthError('SESSION_REQUIRED', 'A service has no password.');
    const session = await guesses.byUser(subject, client, (turn) => verify(sessionId, password, turn));
    if (session === undefined) {
      telemetry.reauthenticationRefused({ userId: subject, address: client.address });
      throw wrong();
    }
    const { userId, expiresAt: notAfter } = session;
    const grant = { subject: userId, clientId: FIRST_PARTY, scopes: [], sessionId, notAfter };
    const response = await issueToken({ ...grant, authenticatedAt: now() });
    telemetry.reauthenticated({ userId });
    return response;
  };
};

export type Reauthenticate = ReturnType<typeof makeReauthenticate>;

/** @throws AuthError REAUTHENTICATION_REQUIRED unless the caller's token is of `makeReauthenticate`, and not too old */
export const makeAssertReauthenticated =
  ({ maxAgeSeconds, now }: { maxAgeSeconds: number; now: () => Date }) =>
  ({ authenticatedAt = 0 }: Pick<Principal, 'authenticatedAt'>): void => {
    if (now().getTime() / 1000 - authenticatedAt <= maxAgeSeconds) return;
    throw new AuthError('REAUTHENTICATION_REQUIRED', 'This needs the password again.', { maxAgeSeconds });
  };
