import { describe, expect, it } from 'vitest';
import type { UserTelemetry } from '../../../src/users/ports.ts';
import { makeIdempotent } from '../../../src/idempotency/idempotent.ts';
import type { Principal } from '../../../src/auth/principal.ts';
import { makeAssertReauthenticated } from '../../../src/auth/reauthenticate.ts';
import { findPasswordFaults } from '../../../src/auth/passwords/password-policy.ts';
import type { UserError } from '../../../src/users/errors.ts';
import { makeChangeProfile } from '../../../src/users/change-profile.ts';
import { Unavailable } from '../../../src/errors/unavailable.ts';
import type { UserId } from '../../../src/users/user.ts';
import { makeEraseUser } from '../../../src/users/erase-user.ts';
import { makeListUsers } from '../../../src/users/list-users.ts';
import { makeReadUser } from '../../../src/users/read-user.ts';
import { makeRegisterUser } from '../../../src/users/register-user.ts';
import { servicePrincipal, userPrincipal } from '../../support/fakes/principals.ts';
import { makeFakeCache, makeFakeHasher, makeFakeRevocations } from '../../support/fakes/recorder.ts';
import { makeTelemetryRecorder } from '../../support/fakes/telemetry.ts';
import { makeFakeStores } from '../../support/fakes/stores.ts';

const ANN = { username: 'ann', name: 'Ann Lee', email: 'ann@example.com', password: 'three quiet rivers' };
const BOB = { ...ANN, username: 'bob', email: 'bob@example.com' };

/** The password was entered at noon, the time of these tests. */
const reauthenticated = (id: string): Principal => ({
  ...userPrincipal(id),
  authenticatedAt: Date.parse('2026-01-31T12:00:00Z') / 1000,
});

const arrange = () => {
  const stores = makeFakeStores();
  const { reported, telemetry } = makeTelemetryRecorder<UserTelemetry>();
  const { calls, cache } = makeFakeCache();
  const { revoked, revocations } = makeFakeRevocations();
  const { work, hasher } = makeFakeHasher();
  const finished: UserId[] = [];
  const finish = (id: UserId): Promise<void> => {
    finished.push(id);
    return Promise.reject(new Unavailable('STORE_TIMEOUT', 'too slow'));
  };
  let clock = Date.parse('2026-01-31T12:00:00Z');
  const now = (): Date => {
    clock += 1000;
    return new Date(clock);
  };
  const { registrations, transact, directory, reader: users, credentialReader: credentials } = stores;
  const assertReauthenticated = makeAssertReauthenticated({ maxAgeSeconds: 300, now });
  const idempotent = makeIdempotent({ store: stores.idempotency });
  return {
    ...{ stores, reported, calls, revoked, work },
    registerUser: makeRegisterUser({
      ...{ registrations, idempotent, users, credentials },
      ...{ hasher, findPasswordFaults, telemetry, now },
    }),
    readUser: makeReadUser({ users }),
    listUsers: makeListUsers({ directory, telemetry }),
    changeProfile: makeChangeProfile({ transact, cache, telemetry, now, assertReauthenticated }),
    eraseUser: makeEraseUser({
      ...{ transact, cache, revocations, telemetry, finish: { one: finish }, now, assertReauthenticated },
    }),
    finished,
  };
};

describe('registerUser', () => {
  it('stores the user and a hash of the password, and reports the registration', async () => {
    const { registerUser, stores, reported } = arrange();
    const { id, representation } = await registerUser(ANN);
    expect(JSON.parse(representation.json)).toMatchObject({
      id,
      username: 'ann',
      name: 'Ann Lee',
      email: 'ann@example.com',
    });
    expect(representation.json).not.toContain('rivers');
    expect(stores.rows.users.get(id)).toMatchObject({ version: 1, username: 'ann' });
    expect(stores.rows.hashes.get(id)).toBe('$argon2id$1$three quiet rivers');
    expect(reported).toEqual([['userRegistered', { userId: id }]]);
  });

  it('reports the faults of all fields at once, before any hashing', async () => {
    const { registerUser, work, stores } = arrange();
    const input = { username: '-', name: ' ', email: 'ann', password: 'short' };
    await expect(registerUser(input)).rejects.toMatchObject({
      code: 'USER_INPUT_INVALID',
      faults: [{ pointer: '/username' }, { pointer: '/name' }, { pointer: '/email' }, { pointer: '/password' }],
    });
    expect(work.hashed).toBe(0);
    expect(stores.rows.users.size).toBe(0);
  });

  it.each([
    ['username', { ...BOB, username: 'ANN' }, 'USERNAME_TAKEN'],
    ['e-mail address', { ...BOB, email: 'Ann@Example.com' }, 'EMAIL_TAKEN'],
  ])('rejects a taken %s, ignoring case, and reports nothing', async (_what, input, code) => {
    const { registerUser, reported } = arrange();
    await registerUser(ANN);
    await expect(registerUser(input)).rejects.toMatchObject({ code });
    expect(reported).toHaveLength(1);
  });

  it('returns the first result for a repeated call, without hashing again', async () => {
    const { registerUser, work, stores, reported } = arrange();
    const first = await registerUser(ANN, 'key-1');
    expect(await registerUser(ANN, 'key-1')).toEqual(first);
    expect(work.hashed).toBe(1);
    expect(stores.rows.users.size).toBe(1);
    expect(reported).toHaveLength(1);
  });

  it('recognizes the same request regardless of the order of its fields', async () => {
    const { registerUser } = arrange();
    const first = await registerUser(ANN, 'key-1');
    const { password, email, name, username } = ANN;
    expect(await registerUser({ password, email, name, username }, 'key-1')).toEqual(first);
  });

  it.each(['password', 'name'] as const)('rejects the same key with another %s', async (field) => {
    const { registerUser } = arrange();
    await registerUser(ANN, 'key-1');
    const other = { ...ANN, [field]: 'four louder mountains' };
    await expect(registerUser(other, 'key-1')).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('remembers no error: the call had no effect and runs again', async () => {
    const { registerUser, stores } = arrange();
    const { id } = await registerUser(ANN);
    const again = { ...BOB, username: 'ann' };
    await expect(registerUser(again, 'key-2')).rejects.toMatchObject({ code: 'USERNAME_TAKEN' });
    expect(stores.rows.outcomes.size).toBe(0);
    stores.rows.users.delete(id);
    await expect(registerUser(again, 'key-2')).resolves.toMatchObject({ representation: { version: 1 } });
  });

  it('remembers the id and the version of the user, nothing else', async () => {
    const { registerUser, stores } = arrange();
    const { id } = await registerUser(ANN, 'key-1');
    expect([...stores.rows.outcomes.values()]).toEqual([{ kind: 'done', outcome: { id, version: 1 } }]);
  });

  it('returns the current user for a repeated call after the profile was changed', async () => {
    const { registerUser, changeProfile } = arrange();
    const { id } = await registerUser(ANN, 'key-1');
    const changed = await changeProfile(userPrincipal(id), id, 1, { name: 'Ann Bee' });
    expect(await registerUser(ANN, 'key-1')).toEqual({ id, representation: changed });
  });

  it('rejects a repeated call after the password was changed', async () => {
    const { registerUser, stores } = arrange();
    const { id } = await registerUser(ANN, 'key-1');
    stores.rows.hashes.set(id, '$argon2id$1$another one');
    await expect(registerUser(ANN, 'key-1')).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('registers a new user with the key of one who was erased', async () => {
    const { registerUser, eraseUser } = arrange();
    const { id } = await registerUser(ANN, 'key-1');
    await eraseUser(reauthenticated(id), id);
    expect((await registerUser(ANN, 'key-1')).id).not.toBe(id);
  });

  it('takes one wrong password per key, so that nobody can guess with a key', async () => {
    const { registerUser, work } = arrange();
    await registerUser(ANN, 'key-1');
    for (const password of ['four quiet rivers', ANN.password])
      await expect(registerUser({ ...ANN, password }, 'key-1')).rejects.toMatchObject({
        code: 'IDEMPOTENCY_KEY_REUSED',
      });
    expect(work.verified).toBe(1);
  });

  it('verifies the password whatever the profile, so that the time tells nothing', async () => {
    const { registerUser, work } = arrange();
    await registerUser(ANN, 'key-1');
    await expect(registerUser({ ...ANN, name: 'Another' }, 'key-1')).rejects.toThrow();
    expect(work.verified).toBe(1);
    await expect(registerUser(ANN, 'key-1')).resolves.toBeDefined();
  });

  it('creates one user, one result and one hash for concurrent duplicates', async () => {
    const { registerUser, stores, work } = arrange();
    const results = await Promise.all(Array.from({ length: 50 }, () => registerUser(ANN, 'key-1')));
    expect(new Set(results.map(({ representation }) => representation.json)).size).toBe(1);
    expect(stores.rows.users.size).toBe(1);
    expect(work.hashed).toBe(1);
  });

  it('stores no outcome for an error that is not final', async () => {
    const { registerUser, stores } = arrange();
    const { insert } = stores.registrations;
    stores.registrations.insert = () => Promise.reject(new Error('the network is gone'));
    await expect(registerUser(ANN, 'key-1')).rejects.toThrow('the network is gone');
    expect(stores.rows.outcomes.size).toBe(0);
    stores.registrations.insert = insert;
    await expect(registerUser(ANN, 'key-1')).resolves.toMatchObject({ representation: { version: 1 } });
  });
});

describe('readUser', () => {
  it('returns the caller’s own account', async () => {
    const { registerUser, readUser } = arrange();
    const { id, representation } = await registerUser(ANN);
    expect(await readUser(userPrincipal(id), id)).toEqual(representation);
  });

  it('returns any account to a service with the scope users:read', async () => {
    const { registerUser, readUser } = arrange();
    const { id, representation } = await registerUser(ANN);
    expect(await readUser(servicePrincipal('users:read'), id)).toEqual(representation);
  });

  it('throws the same error for the account of another user as for a missing one', async () => {
    const { registerUser, readUser } = arrange();
    const [ann, bob] = [await registerUser(ANN), await registerUser(BOB)];
    const others = await readUser(userPrincipal(bob.id), ann.id).catch((error: unknown) => error);
    const missing = await readUser(servicePrincipal('users:read'), 'missing').catch((error: unknown) => error);
    expect(others).toMatchObject({ code: 'USER_NOT_FOUND' });
    // the cause is for the audit log; a response has code and message only
    const { code, message, faults } = others as UserError;
    expect(missing).toMatchObject({ code, message, faults });
    await expect(readUser(servicePrincipal('users:list'), ann.id)).rejects.toEqual(others);
  });

  it('does not confuse a service with a user of the same id', async () => {
    const { registerUser, readUser } = arrange();
    const { id } = await registerUser(ANN);
    await expect(readUser({ ...servicePrincipal(), subject: id }, id)).rejects.toMatchObject({
      code: 'USER_NOT_FOUND',
    });
  });
});

describe('listUsers', () => {
  it('pages through all users once, newest first, until there is no next page', async () => {
    const { registerUser, listUsers } = arrange();
    const ids: string[] = [];
    for (const n of [1, 2, 3, 4, 5]) {
      const input = { ...ANN, username: `user${n}`, email: `user${n}@example.com` };
      ids.unshift((await registerUser(input)).id);
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listUsers({ limit: 2, ...(cursor !== undefined && { cursor }) });
      seen.push(...page.users.map(({ json }) => (JSON.parse(json) as { id: string }).id));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(ids);
  });

  it('has no next page when the last page is full', async () => {
    const { registerUser, listUsers } = arrange();
    await registerUser(ANN);
    await registerUser(BOB);
    expect(await listUsers({ limit: 2 })).not.toHaveProperty('nextCursor');
  });
});

describe('changeProfile', () => {
  it('changes the given fields, increments the version, updates the cache and reports the change', async () => {
    const { registerUser, changeProfile, calls, reported } = arrange();
    const { id } = await registerUser(ANN);
    const { version, json } = await changeProfile(userPrincipal(id), id, 1, { name: 'Ann Park' });
    expect(version).toBe(2);
    expect(JSON.parse(json)).toMatchObject({ name: 'Ann Park', username: 'ann', email: 'ann@example.com' });
    expect(calls).toEqual([`changed ${id} 2`]);
    expect(reported.at(-1)).toEqual(['userProfileChanged', { userId: id, version: 2, fields: ['name'] }]);
  });

  it.each([
    ['an ordinary token', undefined],
    ['a password entered too long ago', '2026-01-31T11:54:59Z'],
  ])('rejects another e-mail address with %s, and no other change', async (_, at) => {
    const { registerUser, changeProfile } = arrange();
    const { id } = await registerUser(ANN);
    const authenticatedAt = at === undefined ? undefined : Date.parse(at) / 1000;
    const principal = { ...userPrincipal(id), authenticatedAt };
    await expect(changeProfile(principal, id, 1, { name: 'Bea', email: 'bea@example.com' })).rejects.toMatchObject({
      code: 'REAUTHENTICATION_REQUIRED',
      maxAgeSeconds: 300,
    });
    await expect(changeProfile(principal, id, 1, { name: 'Bea', username: 'bea' })).resolves.toHaveProperty('json');
  });

  it('changes the e-mail address with a token whose password was entered lately', async () => {
    const { registerUser, changeProfile } = arrange();
    const { id } = await registerUser(ANN);
    const { json } = await changeProfile(reauthenticated(id), id, 1, { email: 'bea@example.com' });
    expect(JSON.parse(json)).toMatchObject({ email: 'bea@example.com' });
  });

  it('rejects an outdated version and changes nothing', async () => {
    const { registerUser, changeProfile, calls } = arrange();
    const { id } = await registerUser(ANN);
    await changeProfile(userPrincipal(id), id, 1, { name: 'Ann Park' });
    const late = changeProfile(userPrincipal(id), id, 1, { name: 'Ann Kim' });
    await expect(late).rejects.toMatchObject({ code: 'USER_VERSION_STALE' });
    expect(calls).toHaveLength(1);
  });

  it('rejects a taken username', async () => {
    const { registerUser, changeProfile } = arrange();
    await registerUser(ANN);
    const { id } = await registerUser(BOB);
    await expect(changeProfile(userPrincipal(id), id, 1, { username: 'Ann' })).rejects.toMatchObject({
      code: 'USERNAME_TAKEN',
    });
  });

  it('rejects invalid fields', async () => {
    const { registerUser, changeProfile } = arrange();
    const { id } = await registerUser(ANN);
    await expect(changeProfile(reauthenticated(id), id, 1, { email: 'nowhere' })).rejects.toMatchObject({
      code: 'USER_INPUT_INVALID',
      faults: [{ pointer: '/email' }],
    });
  });

  it.each([userPrincipal('another user'), servicePrincipal('users:read')])(
    'is only for the owner, not for %o',
    async (principal) => {
      const { registerUser, changeProfile } = arrange();
      const { id } = await registerUser(ANN);
      await expect(changeProfile(principal, id, 1, { name: 'X' })).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
    },
  );

  it('throws USER_NOT_FOUND for an erased account', async () => {
    const { changeProfile } = arrange();
    await expect(changeProfile(userPrincipal('gone'), 'gone', 1, { name: 'X' })).rejects.toMatchObject({
      code: 'USER_NOT_FOUND',
    });
  });
});

describe('eraseUser', () => {
  it('deletes the user with all personal data, ends the sessions and revokes their tokens', async () => {
    const { registerUser, eraseUser, stores, calls, revoked, reported } = arrange();
    const { id } = await registerUser(ANN);
    const verifiedHash = stores.rows.hashes.get(id) ?? '';
    const hashes = { verifiedHash, tokenHash: Buffer.alloc(32), familyHash: Buffer.alloc(32) };
    const session = { id: 'session-1', userId: id, ...hashes, expiresAt: new Date() };
    await stores.sessionStore.start(session);
    await eraseUser(reauthenticated(id), id);
    expect([stores.rows.users.size, stores.rows.hashes.size, stores.rows.sessions.size]).toEqual([0, 0, 0]);
    expect([...revoked]).toEqual(['session-1']);
    expect(calls).toEqual([`erased ${id}`]);
    expect(reported.at(-1)).toEqual(['userErased', { userId: id }]);
  });

  it('needs the password, entered lately', async () => {
    const { registerUser, eraseUser, stores } = arrange();
    const { id } = await registerUser(ANN);
    await expect(eraseUser(userPrincipal(id), id)).rejects.toMatchObject({ code: 'REAUTHENTICATION_REQUIRED' });
    expect(stores.rows.users.size).toBe(1);
  });

  it('succeeds although the rest cannot be deleted now', async () => {
    const { registerUser, eraseUser, finished } = arrange();
    const { id } = await registerUser(ANN);
    await expect(eraseUser(reauthenticated(id), id)).resolves.toBeUndefined();
    expect(finished).toEqual([id]);
  });

  it('throws USER_NOT_FOUND the second time', async () => {
    const { registerUser, eraseUser } = arrange();
    const { id } = await registerUser(ANN);
    await eraseUser(reauthenticated(id), id);
    await expect(eraseUser(reauthenticated(id), id)).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
  });

  it('is only for the owner', async () => {
    const { registerUser, eraseUser, stores } = arrange();
    const { id } = await registerUser(ANN);
    await expect(eraseUser(servicePrincipal('users:read'), id)).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
    expect(stores.rows.users.size).toBe(1);
  });
});
