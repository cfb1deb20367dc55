// Ports of the users module; adapters are in postgres/users/. Reads outside a transaction: reader.ts.
// Every port throws `Unavailable` (errors/unavailable.ts) when its store is down or too slow.

import type { Position } from '../paging/cursor.ts';
import type { UserEvent, UserRegistered } from './events.ts';
import type { User, UserId } from './user.ts';

/** Keyset pages over all users, newest first. No total: counting a large table is not a page. */
export type UserDirectory = {
  /** At most `limit` users strictly after `after`; from the newest one without it. */
  list(page: { limit: number; after?: Position }): Promise<User[]>;
};

export type Registration = {
  readonly user: User;
  /** PHC string, see auth/passwords/password-hasher.ts. */
  readonly passwordHash: string;
  readonly event: UserRegistered;
  /** When given, the row of this idempotency key is written by the same statement. */
  readonly keyHash?: Buffer | undefined;
};

export type RegistrationStore = {
  /**
   * Writes the user, the credential, the event and the idempotency record in one statement: one round trip, all or nothing.
   * @throws UserError USERNAME_TAKEN | EMAIL_TAKEN
   * @throws IdempotencyError IDEMPOTENCY_KEY_IN_USE when another call with this key was written first
   */
  insert(registration: Registration): Promise<void>;
};

/** Writes bound to one transaction; see `UserTransact`. */
export type UserStore = {
  /** The user, locked until the transaction ends. */
  findForUpdate(id: UserId): Promise<User | undefined>;
  /** @throws UserError EMAIL_TAKEN | USERNAME_TAKEN */
  update(user: User): Promise<void>;
  /**
   * Begins the erasure: from the commit on nobody finds the user, and no personal data is left of the account, its credential and its
   * sessions. `ErasureStore` deletes the orders. False when there was no such user.
   */
  erase(id: UserId): Promise<boolean>;
};

/** What is left of users whose erasure has begun. */
export type ErasureStore = {
  /** At most `limit` users, those that have waited longest first. */
  unfinished(limit: number): Promise<UserId[]>;
  /** Deletes the rest of a user in short statements, one between any two values of the iteration. Stopping it leaves the remainder. */
  removeRest(id: UserId): AsyncIterator<void>;
};

/** Events, published after the commit and only then. */
export type UserOutbox = { add(event: UserEvent): Promise<void> };

/** A transaction is the scope of a closure: it commits when `work` resolves and rolls back when it rejects. */
export type UserTransact = <T>(work: (stores: { users: UserStore; outbox: UserOutbox }) => Promise<T>) => Promise<T>;

/** Business telemetry; `observability/business-events.ts` increments the metric and writes the log line. */
export type UserTelemetry = {
  userRegistered(details: { userId: UserId }): void;
  /** `fields`: the names of what was changed. */
  userProfileChanged(details: { userId: UserId; version: number; fields: readonly string[] }): void;
  userErased(details: { userId: UserId }): void;
  /** Somebody with the scope `users:list` read a page of all users. */
  usersListed(details: { count: number }): void;
};
