import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AuthTelemetry } from '../../../src/auth/ports.ts';
import { parseClients } from '../../../src/auth/clients.ts';
import { makeChangePassword } from '../../../src/auth/change-password.ts';
import { makeIssueClientToken } from '../../../src/auth/issue-client-token.ts';
import { makeLogIn } from '../../../src/auth/log-in.ts';
import { makeLogOut } from '../../../src/auth/log-out.ts';
import { makeRefreshSession } from '../../../src/auth/refresh-session.ts';
import type { IssueToken } from '../../../src/auth/tokens/token-issuer.ts';
import { userNotFound } from '../../../src/users/access.ts';
import { servicePrincipal, userPrincipal } from '../../support/fakes/principals.ts';
import { makeFakeHasher, makeFakeRevocations } from '../../support/fakes/recorder.ts';
import { makeTelemetryRecorder } from '../../support/fakes/telemetry.ts';
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

/** The access token is the grant as JSON; signing has tests of its own. */
const issueToken: IssueToken = (grant) =>
  Promise.resolve({
    access_token: JSON.stringify(grant),
    token_type: 'Bearer',
    expires_in: 300,
    scope: grant.scopes.join(' '),
  });

const arrange = ({ strength = 1 }: { strength?: number } = {}) => {
  const stores = makeFakeStores();
  const { reported, telemetry } = makeTelemetryRecorder<AuthTelemetry>();
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
    ...{ stores, reported, revoked, work },
    logIn: makeLogIn({ ...common, credentials, transact, hasher }),
    refreshSession: makeRefreshSession(common),
    logOut: makeLogOut(common),
    changePassword: makeChangePassword({ credentials, transact, hasher, revocations, telemetry, userNotFound }),
    issueClientToken: makeIssueClientToken({
      readClients: () => parseClients(JSON.stringify(CLIENTS)),
      issueToken,
      telemetry,
    }),
  };
};

const sessionOf = ({ access_token }: { access_token: string }): string =>
  (JSON.parse(access_token) as { sessionId: string }).sessionId;

describe('logIn', () => {
  it.each(['ann', 'ANN', 'Ann@Example.com'])('accepts the login %s', async (login) => {
    const { logIn, stores, reported } = arrange();
    const response = await logIn({ login, password: OLD });
    expect(response).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: '' });
    const session = stores.rows.sessions.get(sessionOf(response));
    expect(session).toMatchObject({ userId: ID, expiresAt: new Date('2026-01-31T12:01:00Z') });
    expect(reported).toEqual([['signedIn', { userId: ID }]]);
  });

  it('stores only a hash of the refresh token', async () => {
    const { logIn, stores } = arrange();
    const { refresh_token: token } = await logIn({ login: 'ann', password: OLD });
    const [sessionId = '', secret = ''] = token.split('.');
    const kept = stores.rows.sessions.get(sessionId)?.tokenHash;
    expect(kept).toEqual(createHash('sha256').update(secret).digest());
  });

  it('throws the same error after the same hashing for an unknown login and a wrong password', async () => {
    const { logIn, work, reported } = arrange();
    const unknown = await logIn({ login: 'bob', password: OLD }).catch((error: unknown) => error);
    const wrong = await logIn({ login: 'ann', password: NEW }).catch((error: unknown) => error);
    expect(wrong).toEqual(unknown);
    expect(wrong).toMatchObject({ code: 'CREDENTIALS_WRONG' });
    expect(work).toEqual({ hashed: 0, verified: 1, dummyVerified: 1 });
    expect(reported).toEqual(Array(2).fill(['signInRefused', { reason: 'credentials' }]));
  });

  it('does not hash a password that is too long', async () => {
    const { logIn, work } = arrange();
    await expect(logIn({ login: 'ann', password: 'x'.repeat(10_000) })).rejects.toMatchObject({
      code: 'CREDENTIALS_WRONG',
    });
    expect(work).toEqual({ hashed: 0, verified: 0, dummyVerified: 0 });
  });

  it('rehashes the password when the parameters have increased', async () => {
    const { logIn, stores } = arrange({ strength: 2 });
    await logIn({ login: 'ann', password: OLD });
    expect(stores.rows.hashes.get(ID)).toBe(`$argon2id$2$${OLD}`);
  });

  it('signs in when rehashing fails', async () => {
    const { logIn, stores } = arrange({ strength: 2 });
    stores.rows.hashes.set = () => {
      throw new Error('disk full');
    };
    await expect(logIn({ login: 'ann', password: OLD })).resolves.toHaveProperty('access_token');
  });
});

describe('refreshSession', () => {
  it('issues new tokens for the same session', async () => {
    const { logIn, refreshSession, reported } = arrange();
    const first = await logIn({ login: 'ann', password: OLD });
    const second = await refreshSession(first.refresh_token);
    expect(sessionOf(second)).toBe(sessionOf(first));
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(reported.at(-1)).toEqual(['sessionRefreshed', { userId: ID }]);
    await expect(refreshSession(second.refresh_token)).resolves.toHaveProperty('refresh_token');
  });

  it('ends the session when a refresh token is reused', async () => {
    const { logIn, refreshSession, stores, revoked, reported } = arrange();
    const first = await logIn({ login: 'ann', password: OLD });
    const second = await refreshSession(first.refresh_token);
    await expect(refreshSession(first.refresh_token)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
    expect(stores.rows.sessions.size).toBe(0);
    expect([...revoked]).toEqual([sessionOf(first)]);
    expect(reported.at(-1)).toEqual(['refreshTokenReused', { userId: ID }]);
    await expect(refreshSession(second.refresh_token)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
  });

  it.each(['', 'x', `${ID}.short`, `${ID}.${'a'.repeat(43)}`, `not-an-id.${'a'.repeat(43)}`])(
    'rejects %j with the same error, and reports nothing',
    async (token) => {
      const { refreshSession, reported } = arrange();
      await expect(refreshSession(token)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
      expect(reported).toEqual([]);
    },
  );
});

describe('logOut', () => {
  it('ends the session and its tokens', async () => {
    const { logIn, logOut, stores, revoked, reported } = arrange();
    const sessionId = sessionOf(await logIn({ login: 'ann', password: OLD }));
    await logOut(userPrincipal(ID, sessionId));
    expect(stores.rows.sessions.size).toBe(0);
    expect([...revoked]).toEqual([sessionId]);
    expect(reported.at(-1)).toEqual(['signedOut', { userId: ID }]);
  });

  it('has no effect for a service', async () => {
    const { logOut, revoked, reported } = arrange();
    await logOut(servicePrincipal());
    expect([revoked.size, reported.length]).toEqual([0, 0]);
  });
});

describe('changePassword', () => {
  it('replaces the hash and ends the other sessions', async () => {
    const { logIn, changePassword, stores, revoked, reported } = arrange();
    const here = sessionOf(await logIn({ login: 'ann', password: OLD }));
    const elsewhere = sessionOf(await logIn({ login: 'ann', password: OLD }));
    await changePassword(userPrincipal(ID, here), ID, { oldPassword: OLD, newPassword: NEW });
    expect(stores.rows.hashes.get(ID)).toBe(`$argon2id$1$${NEW}`);
    expect([...stores.rows.sessions.keys()]).toEqual([here]);
    expect([...revoked]).toEqual([elsewhere]);
    expect(reported.at(-1)).toEqual(['passwordChanged', { userId: ID, endedSessions: 1 }]);
  });

  it('requires the old password', async () => {
    const { changePassword, stores } = arrange();
    const change = changePassword(userPrincipal(ID), ID, { oldPassword: NEW, newPassword: NEW });
    await expect(change).rejects.toMatchObject({ code: 'PASSWORD_WRONG', faults: [{ pointer: '/oldPassword' }] });
    expect(stores.rows.hashes.get(ID)).toContain(OLD);
  });

  it('rejects an unacceptable new password before any hashing', async () => {
    const { changePassword, work } = arrange();
    const change = changePassword(userPrincipal(ID), ID, { oldPassword: OLD, newPassword: 'password' });
    await expect(change).rejects.toMatchObject({
      code: 'PASSWORD_UNACCEPTABLE',
      faults: [{ pointer: '/newPassword' }],
    });
    expect(work.verified).toBe(0);
  });

  it('commits only one of two concurrent changes', async () => {
    const { changePassword, stores } = arrange();
    const changes = [NEW, 'five silent oceans'].map((newPassword) =>
      changePassword(userPrincipal(ID), ID, { oldPassword: OLD, newPassword }),
    );
    const results = await Promise.allSettled(changes);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(stores.rows.hashes.get(ID)).toContain(NEW);
  });

  it.each([userPrincipal('another user'), servicePrincipal('users:read')])(
    'is only for the owner, not for %o',
    async (who) => {
      const { changePassword } = arrange();
      const change = changePassword(who, ID, { oldPassword: OLD, newPassword: NEW });
      await expect(change).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
    },
  );

  it('throws USER_NOT_FOUND for an erased account', async () => {
    const { changePassword } = arrange();
    const change = changePassword(userPrincipal('gone'), 'gone', { oldPassword: OLD, newPassword: NEW });
    await expect(change).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
  });
});

describe('issueClientToken', () => {
  it('grants all scopes of the client, and no session', async () => {
    const { issueClientToken, reported } = arrange();
    const response = await issueClientToken({ clientId: 'notifier', clientSecret: 's3cret' });
    expect(JSON.parse(response.access_token)).toEqual({
      subject: 'notifier',
      clientId: 'notifier',
      scopes: ['users:read', 'users:list'],
    });
    expect(response).not.toHaveProperty('refresh_token');
    expect(reported).toEqual([['clientTokenIssued', { clientId: 'notifier' }]]);
  });

  it('grants the requested scopes', async () => {
    const { issueClientToken } = arrange();
    const response = await issueClientToken({ clientId: 'notifier', clientSecret: 's3cret', scope: 'users:list' });
    expect(response.scope).toBe('users:list');
  });

  it('rejects a scope that the client is not granted', async () => {
    const { issueClientToken } = arrange();
    const requested = issueClientToken({ clientId: 'rotating', clientSecret: 'new', scope: 'users:read users:list' });
    await expect(requested).rejects.toMatchObject({ code: 'SCOPE_MISSING' });
  });

  it.each(['old', 'new'])('accepts the %s secret during a rotation', async (clientSecret) => {
    const { issueClientToken } = arrange();
    await expect(issueClientToken({ clientId: 'rotating', clientSecret })).resolves.toHaveProperty('access_token');
  });

  it.each([
    ['notifier', 'wrong'],
    ['unknown', 's3cret'],
    ['__proto__', 's3cret'],
    ['constructor', ''],
    ['notifier', ''],
  ])('rejects %s with the secret %j', async (clientId, clientSecret) => {
    const { issueClientToken } = arrange();
    await expect(issueClientToken({ clientId, clientSecret })).rejects.toMatchObject({
      code: 'CLIENT_CREDENTIALS_WRONG',
    });
  });
});
