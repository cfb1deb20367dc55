// Ports of the auth module; adapters are in postgres/auth/, redis/ and embedded/.
// Every port that uses a store throws `Unavailable` (errors/unavailable.ts) when that store is down or too slow.

import type { UserId } from '../users/user.ts';

/** `passwordHash` is a PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. */
export type Credential = { readonly userId: UserId; readonly passwordHash: string };

export type CredentialReader = {
  /** By e-mail address when `login` contains an `@`, else by username; ignoring case. */
  findByLogin(login: string): Promise<Credential | undefined>;
  findByUserId(userId: UserId): Promise<Credential | undefined>;
};

/** Writes bound to one transaction; see `AuthTransact`. */
export type CredentialStore = {
  findForUpdate(userId: UserId): Promise<Credential | undefined>;
  replace(credential: Credential): Promise<void>;
};

export type Session = {
  readonly id: string;
  readonly userId: UserId;
  /** SHA-256 of the refresh token's secret, 32 bytes. */
  readonly tokenHash: Buffer;
  readonly expiresAt: Date;
};

export type Rotation = {
  readonly sessionId: string;
  readonly from: Buffer;
  readonly to: Buffer;
  readonly expiresAt: Date;
};

export type SessionStore = {
  create(session: Session): Promise<void>;
  /** Replaces the token's hash if `from` is the current one, in one statement. Returns the owner, or undefined if it was not. */
  rotate(rotation: Rotation): Promise<UserId | undefined>;
  /** Ends one session. Returns its owner, or undefined if it had already ended. */
  end(sessionId: string): Promise<UserId | undefined>;
  /** Ends all sessions of a user except `except`. Returns the ids of the ended sessions. */
  endAll(userId: UserId, except?: string): Promise<string[]>;
};

export type AuthStores = { credentials: CredentialStore; sessions: SessionStore };

/** A transaction is the scope of a closure: it commits when `work` resolves and rolls back when it rejects. */
export type AuthTransact = <T>(work: (stores: AuthStores) => Promise<T>) => Promise<T>;

/**
 * Sessions whose access tokens must be rejected although they have not expired.
 * Checked on every request, so the check is synchronous and in memory; the copies in other processes are updated within a second.
 */
export type RevocationList = {
  isRevoked(sessionId: string): boolean;
  /** Never rejects: the sessions have already ended in the database, and access tokens expire on their own. */
  revoke(sessionIds: readonly string[]): Promise<void>;
};

/** Argon2id with bounded concurrency. @throws Unavailable HASHING_BUSY when the queue is full. */
export type PasswordHasher = {
  hash(password: string): Promise<string>;
  verify(password: string, phc: string): Promise<boolean>;
  /** Always false after the duration of `verify`, so that response times don't reveal whether a login exists. */
  verifyDummy(password: string): Promise<false>;
  /** True when `phc` was made with weaker parameters than the current ones. */
  needsRehash(phc: string): boolean;
};

/** Field names of RFC 6749 section 5.1. */
export type TokenResponse = {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Seconds. */
  readonly expires_in: number;
  readonly scope: string;
};

/** The tokens of a user's session: an access token, and the refresh token that obtains the next pair. */
export type SessionTokens = TokenResponse & { readonly refresh_token: string };

/** Business telemetry; `observability/business-events.ts` increments the metric and writes the log line. */
export type AuthTelemetry = {
  signedIn(details: { userId: UserId }): void;
  signInRefused(details: { reason: 'credentials' }): void;
  sessionRefreshed(details: { userId: UserId }): void;
  refreshTokenReused(details: { userId: UserId }): void;
  signedOut(details: { userId: UserId }): void;
  passwordChanged(details: { userId: UserId; endedSessions: number }): void;
  clientTokenIssued(details: { clientId: string }): void;
};
