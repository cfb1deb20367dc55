import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeChangePassword } from '../../../src/auth/change-password.ts';
import { makeIssueClientToken } from '../../../src/auth/issue-client-token.ts';
import { makeLogIn } from '../../../src/auth/log-in.ts';
import { makeLogOut } from '../../../src/auth/log-out.ts';
import { makeRefreshSession } from '../../../src/auth/refresh-session.ts';
import type { IssueToken } from '../../../src/auth/token-issuer.ts';
import { userNotFound } from '../../../src/users/access.ts';
import { servicePrincipal, userPrincipal } from '../../support/fakes/principals.ts';
import { makeFactRecorder, makeFakeHasher, makeFakeRevocations } from '../../support/fakes/recorder.ts';
import { makeFakeStores } from '../../support/fakes/stores.ts';

const ID = '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f13';
const OLD = 'three quiet rivers';
const NEW = 'four louder mountains';
const CLIENTS = {
  notifier: {
    secretSha256: [createHash('sha256').update('s3cret').digest('hex')],
    scopes: ['users:read', 'users:list'],
  },
  rotating: {
    secretSha256: ['old', 'new'].map((secret) => createHash('sha256').update(secret).digest('hex')),
    scopes: ['users:read'],
  },
};

/** Tokens that say what was granted: signing has its own tests. */
const issueToken: IssueToken = (grant) =>
  Promise.resolve({
    access_token: JSON.stringify(grant),
    token_type: 'Bearer',
    expires_in: 300,
    scope: grant.scopes.join(' '),
  });

const arrange = ({ strength = 1 }: { strength?: number } = {}) => {
  const stores = makeFakeStores();
  const { told, telemetry } = makeFactRecorder();
  const { revoked, revocations } = makeFakeRevocations();
  const { work, hasher } = makeFakeHasher(strength);
  const now = (): Date => new Date('2026-01-31T12:00:00Z');
  const { credentialReader: credentials, sessionStore: sessions, transact } = stores;
  const at = now();
  stores.rows.users.set(ID, {
    id: ID,
    username: 'ann',
    name: 'Ann',
    email: 'ann@example.com',
    version: 1,
    createdAt: at,
    updatedAt: at,
  });
  stores.rows.hashes.set(ID, `$argon2id$1$${OLD}`);
  const common = { sessions, revocations, issueToken, telemetry, now, refreshTtlSeconds: 60 };
  return {
    ...{ stores, told, revoked, work },
    logIn: makeLogIn({ ...common, credentials, transact, hasher }),
    refreshSession: makeRefreshSession(common),
    logOut: makeLogOut(common),
    changePassword: makeChangePassword({ credentials, transact, hasher, revocations, telemetry, userNotFound }),
    issueClientToken: makeIssueClientToken({ readClients: () => JSON.stringify(CLIENTS), issueToken, telemetry }),
  };
};

const sessionOf = ({ access_token }: { access_token: string }): string =>
  (JSON.parse(access_token) as { sessionId: string }).sessionId;

describe('logIn', () => {
  it.each(['ann', 'ANN', 'Ann@Example.com'])('takes the login %s', async (login) => {
    const { logIn, stores, told } = arrange();
    const answer = await logIn({ login, password: OLD });
    expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: '' });
    const session = stores.rows.sessions.get(sessionOf(answer));
    expect(session).toMatchObject({ userId: ID, expiresAt: new Date('2026-01-31T12:01:00Z') });
    expect(told).toEqual([['signedIn', { userId: ID }]]);
  });

  it('keeps only a hash of the refresh token', async () => {
    const { logIn, stores } = arrange();
    const { refresh_token: token } = await logIn({ login: 'ann', password: OLD });
    const [sessionId = '', secret = ''] = token.split('.');
    const kept = stores.rows.sessions.get(sessionId)?.tokenHash;
    expect(kept).toEqual(createHash('sha256').update(secret).digest());
  });

  it('has one answer and one amount of hashing for unknown login and wrong password', async () => {
    const { logIn, work, told } = arrange();
    const unknown = await logIn({ login: 'bob', password: OLD }).catch((error: unknown) => error);
    const wrong = await logIn({ login: 'ann', password: NEW }).catch((error: unknown) => error);
    expect(wrong).toEqual(unknown);
    expect(wrong).toMatchObject({ code: 'CREDENTIALS_WRONG' });
    expect(work).toEqual({ hashed: 0, verified: 1, verifiedNothing: 1 });
    expect(told).toEqual(Array(2).fill(['signInRefused', { reason: 'credentials' }]));
  });

  it('does not hash what is too long to be a password', async () => {
    const { logIn, work } = arrange();
    await expect(logIn({ login: 'ann', password: 'x'.repeat(10_000) })).rejects.toMatchObject({
      code: 'CREDENTIALS_WRONG',
    });
    expect(work).toEqual({ hashed: 0, verified: 0, verifiedNothing: 0 });
  });

  it('hashes the password again when the parameters have risen', async () => {
    const { logIn, stores } = arrange({ strength: 2 });
    await logIn({ login: 'ann', password: OLD });
    expect(stores.rows.hashes.get(ID)).toBe(`$argon2id$2$${OLD}`);
  });

  it('signs in although hashing again fails', async () => {
    const { logIn, stores } = arrange({ strength: 2 });
    stores.rows.hashes.set = () => {
      throw new Error('disk full');
    };
    await expect(logIn({ login: 'ann', password: OLD })).resolves.toHaveProperty('access_token');
  });
});

describe('refreshSession', () => {
  it('gives new tokens for the same session', async () => {
    const { logIn, refreshSession, told } = arrange();
    const first = await logIn({ login: 'ann', password: OLD });
    const second = await refreshSession(first.refresh_token);
    expect(sessionOf(second)).toBe(sessionOf(first));
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(told.at(-1)).toEqual(['sessionRefreshed', { userId: ID }]);
    await expect(refreshSession(second.refresh_token)).resolves.toHaveProperty('refresh_token');
  });

  it('ends the session when a token comes a second time, for thief and owner', async () => {
    const { logIn, refreshSession, stores, revoked, told } = arrange();
    const first = await logIn({ login: 'ann', password: OLD });
    const second = await refreshSession(first.refresh_token);
    await expect(refreshSession(first.refresh_token)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
    expect(stores.rows.sessions.size).toBe(0);
    expect([...revoked]).toEqual([sessionOf(first)]);
    expect(told.at(-1)).toEqual(['refreshTokenReused', { userId: ID }]);
    await expect(refreshSession(second.refresh_token)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
  });

  it.each(['', 'x', `${ID}.short`, `${ID}.${'a'.repeat(43)}`, `not-an-id.${'a'.repeat(43)}`])(
    'refuses %j with the same answer, and tells nothing',
    async (token) => {
      const { refreshSession, told } = arrange();
      await expect(refreshSession(token)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
      expect(told).toEqual([]);
    },
  );
});

describe('logOut', () => {
  it('ends the session and its tokens', async () => {
    const { logIn, logOut, stores, revoked, told } = arrange();
    const sessionId = sessionOf(await logIn({ login: 'ann', password: OLD }));
    await logOut(userPrincipal(ID, sessionId));
    expect(stores.rows.sessions.size).toBe(0);
    expect([...revoked]).toEqual([sessionId]);
    expect(told.at(-1)).toEqual(['signedOut', { userId: ID }]);
  });

  it('has nothing to end for a service', async () => {
    const { logOut, revoked, told } = arrange();
    await logOut(servicePrincipal());
    expect([revoked.size, told.length]).toEqual([0, 0]);
  });
});

describe('changePassword', () => {
  it('replaces the hash and ends the other sessions', async () => {
    const { logIn, changePassword, stores, revoked, told } = arrange();
    const here = sessionOf(await logIn({ login: 'ann', password: OLD }));
    const elsewhere = sessionOf(await logIn({ login: 'ann', password: OLD }));
    await changePassword(userPrincipal(ID, here), ID, { oldPassword: OLD, newPassword: NEW });
    expect(stores.rows.hashes.get(ID)).toBe(`$argon2id$1$${NEW}`);
    expect([...stores.rows.sessions.keys()]).toEqual([here]);
    expect([...revoked]).toEqual([elsewhere]);
    expect(told.at(-1)).toEqual(['passwordChanged', { userId: ID, endedSessions: 1 }]);
  });

  it('needs the old password', async () => {
    const { changePassword, stores } = arrange();
    const change = changePassword(userPrincipal(ID), ID, { oldPassword: NEW, newPassword: NEW });
    await expect(change).rejects.toMatchObject({ code: 'PASSWORD_WRONG', faults: [{ pointer: '/oldPassword' }] });
    expect(stores.rows.hashes.get(ID)).toContain(OLD);
  });

  it('refuses an unacceptable new one before any hashing', async () => {
    const { changePassword, work } = arrange();
    const change = changePassword(userPrincipal(ID), ID, { oldPassword: OLD, newPassword: 'password' });
    await expect(change).rejects.toMatchObject({
      code: 'PASSWORD_UNACCEPTABLE',
      faults: [{ pointer: '/newPassword' }],
    });
    expect(work.verified).toBe(0);
  });

  it('lets one of two concurrent changes win', async () => {
    const { changePassword, stores } = arrange();
    const changes = [NEW, 'five silent oceans'].map((newPassword) =>
      changePassword(userPrincipal(ID), ID, { oldPassword: OLD, newPassword }),
    );
    const results = await Promise.allSettled(changes);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(stores.rows.hashes.get(ID)).toContain(NEW);
  });

  it.each([userPrincipal('somebody else'), servicePrincipal('users:read')])(
    'is the owner’s alone: not for %o',
    async (who) => {
      const { changePassword } = arrange();
      const change = changePassword(who, ID, { oldPassword: OLD, newPassword: NEW });
      await expect(change).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
    },
  );

  it('does not find an account that is gone', async () => {
    const { changePassword } = arrange();
    const change = changePassword(userPrincipal('gone'), 'gone', { oldPassword: OLD, newPassword: NEW });
    await expect(change).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
  });
});

describe('issueClientToken', () => {
  it('grants all scopes of the client, and no session', async () => {
    const { issueClientToken, told } = arrange();
    const answer = await issueClientToken({ clientId: 'notifier', clientSecret: 's3cret' });
    expect(JSON.parse(answer.access_token)).toEqual({
      subject: 'notifier',
      clientId: 'notifier',
      scopes: ['users:read', 'users:list'],
    });
    expect(answer).not.toHaveProperty('refresh_token');
    expect(told).toEqual([['clientTokenIssued', { clientId: 'notifier' }]]);
  });

  it('grants the scopes that were asked for', async () => {
    const { issueClientToken } = arrange();
    const answer = await issueClientToken({ clientId: 'notifier', clientSecret: 's3cret', scope: 'users:list' });
    expect(answer.scope).toBe('users:list');
  });

  it('refuses a scope that the client may not have', async () => {
    const { issueClientToken } = arrange();
    const asked = issueClientToken({ clientId: 'rotating', clientSecret: 'new', scope: 'users:read users:list' });
    await expect(asked).rejects.toMatchObject({ code: 'SCOPE_MISSING' });
  });

  it.each(['old', 'new'])('takes the %s secret while it is rotated', async (clientSecret) => {
    const { issueClientToken } = arrange();
    await expect(issueClientToken({ clientId: 'rotating', clientSecret })).resolves.toHaveProperty('access_token');
  });

  it.each([
    ['notifier', 'wrong'],
    ['nobody', 's3cret'],
    ['__proto__', 's3cret'],
    ['constructor', ''],
    ['notifier', ''],
  ])('refuses %s with the secret %j', async (clientId, clientSecret) => {
    const { issueClientToken } = arrange();
    await expect(issueClientToken({ clientId, clientSecret })).rejects.toMatchObject({
      code: 'CLIENT_CREDENTIALS_WRONG',
    });
  });
});
