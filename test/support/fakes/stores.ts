// In-memory stores with the rules of the real ones: names are unique ignoring case, and a failed transaction is rolled back.

import type { Credential, CredentialReader, Session, SessionStore, AuthStores } from '../../../src/auth/ports.ts';
import { IdempotencyError } from '../../../src/idempotency/errors.ts';
import type { IdempotencyStore, StoredCall } from '../../../src/idempotency/ports.ts';
import type { DomainEvent } from '../../../src/messaging/event-topics.ts';
import type { OutboxWriter } from '../../../src/postgres/outbox/outbox-writer.ts';
import { takenError } from '../../../src/users/errors.ts';
import type { RegistrationStore, UserDirectory, UserStore } from '../../../src/users/ports.ts';
import type { UserReader } from '../../../src/users/reader.ts';
import { toUserRepresentation } from '../../../src/users/user-representation.ts';
import type { User } from '../../../src/users/user.ts';

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

type FakeStores = { users: UserStore; outbox: OutboxWriter } & AuthStores;

/** Saves the content of `map`. @returns a function that restores it */
const snapshot = <K, V>(map: Map<K, V>): (() => void) => {
  const before = [...map];
  return () => {
    map.clear();
    for (const [key, value] of before) map.set(key, value);
  };
};

export const makeFakeStores = () => {
  const users = new Map<string, User>();
  const hashes = new Map<string, string>();
  const sessions = new Map<string, Session>();
  const outcomes = new Map<string, StoredCall>();
  const events = new Map<string, DomainEvent>();

  const assertFree = (user: User): void => {
    const others = [...users.values()].filter(({ id }) => id !== user.id);
    if (others.some(({ username }) => same(username, user.username))) throw takenError('USERNAME_TAKEN');
    if (others.some(({ email }) => same(email, user.email))) throw takenError('EMAIL_TAKEN');
  };

  const userStore: UserStore = {
    findForUpdate: (id) => Promise.resolve(users.get(id)),
    update: async (user) => {
      assertFree(user);
      users.set(user.id, user);
      return Promise.resolve();
    },
    erase: (id) => {
      for (const [sessionId, session] of sessions) if (session.userId === id) sessions.delete(sessionId);
      hashes.delete(id);
      for (const [key, call] of outcomes) if (call.kind === 'done' && call.outcome.id === id) outcomes.delete(key);
      return Promise.resolve(users.delete(id));
    },
  };

  const credentialOf = (userId: string | undefined): Credential | undefined => {
    const passwordHash = hashes.get(userId ?? '');
    return userId === undefined || passwordHash === undefined ? undefined : { userId, passwordHash };
  };

  const credentialReader: CredentialReader = {
    findByLogin: (login) => {
      const user = [...users.values()].find(({ username, email }) => same(username, login) || same(email, login));
      return Promise.resolve(credentialOf(user?.id));
    },
    findByUserId: (userId) => Promise.resolve(credentialOf(userId)),
    findBySession: (sessionId) => {
      const session = sessions.get(sessionId);
      const credential = credentialOf(session?.userId);
      return Promise.resolve(session && credential && { ...credential, expiresAt: session.expiresAt });
    },
    findWithOwner: (userId) => {
      const [credential, owner] = [credentialOf(userId), users.get(userId)];
      return Promise.resolve(credential && owner && { credential, owner });
    },
  };

  const sessionStore: SessionStore = {
    start: (session) => {
      const isVerified = hashes.get(session.userId) === session.verifiedHash;
      if (isVerified) sessions.set(session.id, session);
      return Promise.resolve(isVerified);
    },
    rotate: ({ sessionId, from, to, familyHash, expiresAt }) => {
      const session = sessions.get(sessionId);
      if (session?.tokenHash.equals(from) !== true) return Promise.resolve(undefined);
      sessions.set(sessionId, { ...session, tokenHash: to, familyHash, expiresAt });
      return Promise.resolve({ userId: session.userId, expiresAt });
    },
    end: (sessionId) => {
      const session = sessions.get(sessionId);
      sessions.delete(sessionId);
      return Promise.resolve(session?.userId);
    },
    endFamily: (sessionId, familyHash) =>
      sessions.get(sessionId)?.familyHash.equals(familyHash) === true
        ? sessionStore.end(sessionId)
        : Promise.resolve(undefined),
    endAll: (userId, except) => {
      const ended = [...sessions.values()].filter((s) => s.userId === userId && s.id !== except).map(({ id }) => id);
      for (const id of ended) sessions.delete(id);
      return Promise.resolve(ended);
    },
  };

  const credentialStore = {
    findForUpdate: credentialReader.findByUserId,
    replace: ({ userId, passwordHash }: Credential) => {
      hashes.set(userId, passwordHash);
      return Promise.resolve();
    },
  };

  const outbox: OutboxWriter = {
    add: async (event) => {
      events.set(event.eventId, event);
      return Promise.resolve();
    },
  };

  // transactions run one after another: stricter than row locks, without a difference for these tests
  let last: Promise<unknown> = Promise.resolve();
  const transact = <T>(work: (stores: FakeStores) => Promise<T>): Promise<T> => {
    const undo = (): (() => void) => {
      const restores = [snapshot(users), snapshot(hashes), snapshot(sessions), snapshot(events)];
      return () => {
        for (const restore of restores) restore();
      };
    };
    const result = last.then(async () => {
      const restore = undo();
      try {
        return await work({ users: userStore, credentials: credentialStore, sessions: sessionStore, outbox });
      } catch (error) {
        restore();
        throw error;
      }
    });
    last = result.catch(() => undefined);
    return result;
  };

  const registrations: RegistrationStore = {
    insert: async ({ user, passwordHash, event, keyHash }) => {
      const key = keyHash?.toString('hex');
      if (key !== undefined && outcomes.has(key)) throw new IdempotencyError('IDEMPOTENCY_KEY_IN_USE', 'in use');
      assertFree(user);
      users.set(user.id, user);
      hashes.set(user.id, passwordHash);
      await outbox.add(event);
      if (key !== undefined) outcomes.set(key, { kind: 'done', outcome: { id: user.id, version: user.version } });
    },
  };

  const idempotency: IdempotencyStore = {
    find: (keyHash) => Promise.resolve(outcomes.get(keyHash.toString('hex'))),
    close: (keyHash) => {
      outcomes.set(keyHash.toString('hex'), { kind: 'closed' });
      return Promise.resolve();
    },
  };

  const reader: UserReader = {
    findRepresentation: (id) => {
      const user = users.get(id);
      return Promise.resolve(user && toUserRepresentation(user));
    },
  };

  const directory: UserDirectory = {
    list: ({ limit, after }) => {
      const rank = (user: { createdAt: Date; id: string }): string => `${user.createdAt.toISOString()} ${user.id}`;
      const newestFirst = [...users.values()].sort((a, b) => (rank(a) < rank(b) ? 1 : -1));
      const rest =
        after === undefined
          ? newestFirst
          : newestFirst.filter((user) => rank(user) < rank({ createdAt: after.at, id: after.id }));
      return Promise.resolve(rest.slice(0, limit));
    },
  };

  return {
    rows: { users, hashes, sessions, outcomes, events },
    ...{ credentialReader, sessionStore, transact, registrations, idempotency, reader, directory },
  };
};
