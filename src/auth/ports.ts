// Ports of the auth module; adapters are in postgres/auth/, redis/ and embedded/.
// Every port that uses a store throws `Unavailable` (errors/unavailable.ts) when that store is down or too slow.

import type { UserId } from '../users/user.ts';

/** `passwordHash` is a PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. */
export type Credential = { readonly userId: UserId; readonly passwordHash: string };

/** What a new password must not consist of. */
export type PasswordOwner = { readonly username: string; readonly name: string; readonly email: string };

/** The credential of a session's user. */
export type SessionCredential = Credential & { readonly expiresAt: Date };

export type CredentialReader = {
  /** By e-mail address when `login` contains an `@`, else by username; ignoring case. */
  findByLogin(login: string): Promise<Credential | undefined>;
  findByUserId(userId: UserId): Promise<Credential | undefined>;
  /** Undefined when the session has ended. */
  findBySession(sessionId: string): Promise<SessionCredential | undefined>;
  findWithOwner(userId: UserId): Promise<{ credential: Credential; owner: PasswordOwner } | undefined>;
};

/** Writes bound to one transaction; see `AuthTransact`. */
export type CredentialStore = {
  /** Locks the credential, before any other row of the user: no session starts until the transaction ends. */
  findForUpdate(userId: UserId): Promise<Credential | undefined>;
  replace(credential: Credential): Promise<void>;
};

export type Session = {
  readonly id: string;
  readonly userId: UserId;
  /** The password hash that the caller's password was verified against. */
  readonly verifiedHash: string;
  /** SHA-256 of the refresh token's secret, 32 bytes. */
  readonly tokenHash: Buffer;
  /** SHA-256 of the part that all refresh tokens of the session have in common, 32 bytes. */
  readonly familyHash: Buffer;
  readonly expiresAt: Date;
};

export type Rotation = {
  readonly sessionId: string;
  readonly from: Buffer;
  readonly to: Buffer;
  /** Of `from` and `to`; kept, so that each of them is recognized later. */
  readonly familyHash: Buffer;
  readonly expiresAt: Date;
  /** From the start of the session. `expiresAt` is cut to it, and an older session is not rotated. */
  readonly maxLifetimeSeconds: number;
};

export type SessionStore = {
  /**
   * Writes the session in one statement if `verifiedHash` is still the hash of the user. False when the password was changed or the account
   * erased since it was read. Waits for a transaction that holds the credential (`findForUpdate`), and is then seen by its `endAll`.
   */
  start(session: Session): Promise<boolean>;
  /** Replaces the token's hash if `from` is the current one, in one statement. Returns owner and expiry, or undefined if it was not. */
  rotate(rotation: Rotation): Promise<{ userId: UserId; expiresAt: Date } | undefined>;
  /** Ends one session. Returns its owner, or undefined if it had already ended. */
  end(sessionId: string): Promise<UserId | undefined>;
  /** The same, but only if a token of this family was issued for the session. */
  endFamily(sessionId: string, familyHash: Buffer): Promise<UserId | undefined>;
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

/** Whose turn it is: capacity is shared by key, and preferred keys go first. */
export type Turn = { readonly key: string; readonly preferred: boolean };

/** Argon2id with bounded concurrency, shared by `turn`. @throws Unavailable HASHING_BUSY when the queue is full. */
export type PasswordHasher = {
  hash(password: string, turn?: Turn): Promise<string>;
  verify(password: string, phc: string, turn?: Turn): Promise<boolean>;
  /** Always false after the duration of `verify`, so that response times don't reveal whether a login exists. */
  verifyDummy(password: string, turn?: Turn): Promise<false>;
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

/** Who called: the address is for security log lines only, never for a metric, a span or a store. */
export type Caller = { readonly address?: string | undefined };

/** Business telemetry; `observability/business-events.ts` increments the metric and writes the log lines. */
export type AuthTelemetry = {
  signedIn(details: { userId: UserId }): void;
  signInRefused(details: { reason: 'credentials' } & Caller): void;
  reauthenticated(details: { userId: UserId }): void;
  reauthenticationRefused(details: { userId: UserId } & Caller): void;
  sessionRefreshed(details: { userId: UserId }): void;
  refreshTokenReused(details: { userId: UserId } & Caller): void;
  signedOut(details: { userId: UserId }): void;
  passwordChanged(details: { userId: UserId; endedSessions: number }): void;
  clientTokenIssued(details: { clientId: string }): void;
  /** `clientId` only of a client that exists: any other text may be anything, also a secret. */
  clientTokenRefused(details: { clientId: string | undefined; reason: 'credentials' | 'scope' }): void;
};
