// What the auth room needs from the outside. Adapters live in postgres/, redis/ and embedded/.
// Every port that reaches a store throws `Unavailable` (errors/unavailable.ts) when that store is down or too slow.

import type { UserId } from '../users/user.ts';

/** `passwordHash` is a PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. */
export type Credential = { readonly userId: UserId; readonly passwordHash: string };

export type CredentialReader = {
  /** By username or e-mail, ignoring case; an `@` tells which. */
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
  /** Swaps the token's hash when `from` is the current one; the owner, or undefined when it was not. One statement. */
  rotate(rotation: Rotation): Promise<UserId | undefined>;
  /** Ends one session; its owner, or undefined when it was no longer alive. */
  end(sessionId: string): Promise<UserId | undefined>;
  /** Ends all sessions of a user but `except`; the ids that ended. */
  endAll(userId: UserId, except?: string): Promise<string[]>;
  /** Removes sessions that expired, at most `limit`; the number removed. */
  purge(limit: number): Promise<number>;
};

export type AuthStores = { credentials: CredentialStore; sessions: SessionStore };

/** A transaction is the scope of a closure: it commits when `work` resolves and rolls back when it rejects. */
export type AuthTransact = <T>(work: (stores: AuthStores) => Promise<T>) => Promise<T>;

/**
 * Sessions whose access tokens must no longer be taken although they have not expired.
 * Asked on every request, so it answers from memory; a copy in another process follows within a second.
 */
export type RevocationList = {
  isRevoked(sessionId: string): boolean;
  /** Never rejects: the sessions have ended in the database already, access tokens end by themselves. */
  revoke(sessionIds: readonly string[]): Promise<void>;
};

/** Argon2id with bounded concurrency. @throws Unavailable HASHING_BUSY when the queue is full. */
export type PasswordHasher = {
  hash(password: string): Promise<string>;
  verify(password: string, phc: string): Promise<boolean>;
  /** Takes as long as `verify` of a real hash and is always false: the answer for an unknown login. */
  verifyNothing(password: string): Promise<false>;
  /** True when `phc` was made with weaker parameters than today's. */
  needsRehash(phc: string): boolean;
};

/** Names of RFC 6749 section 5.1. */
export type TokenResponse = {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Seconds. */
  readonly expires_in: number;
  readonly scope: string;
};

/** What a user gets: an access token, and the means to get the next one. */
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
