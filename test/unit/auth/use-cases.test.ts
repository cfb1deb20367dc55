import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AuthTelemetry } from '../../../src/auth/ports.ts';
import { parseClients } from '../../../src/auth/clients.ts';
import type { Principal } from '../../../src/auth/principal.ts';
import { makeChangePassword, type ChangePassword } from '../../../src/auth/change-password.ts';
import { makeIssueClientToken } from '../../../src/auth/issue-client-token.ts';
import { makeLogIn, type LogIn } from '../../../src/auth/log-in.ts';
import { makeLogOut } from '../../../src/auth/log-out.ts';
import { makeAssertReauthenticated, makeReauthenticate } from '../../../src/auth/reauthenticate.ts';
import { makeRefreshSession } from '../../../src/auth/refresh-session.ts';
import type { IssueToken } from '../../../src/auth/tokens/token-issuer.ts';
import { accessDenied, userNotFound } from '../../../src/users/access.ts';
import { CLIENT_ADDRESS, makeFakeGuesses } from '../../support/fakes/guesses.ts';
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
const issueJson: IssueToken = (grant) =>
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
  const { accounts, guesses } = makeFakeGuesses();
  const now = (): Date => new Date('2026-01-31T12:00:00Z');
  const { credentialReader: credentials, sessionStore: sessions, transact } = stores;
  const at = now();
  stores.rows.users.set(ID, {
    id: ID,
    username: 'ann',
    name: 'Annabelle Lee',
    email: 'ann@example.com',
    version: 1,
    createdAt: at,
    updatedAt: at,
  });
  stores.rows.hashes.set(ID, `$argon2id$1$${OLD}`);
  const issuedAfter: (typeof work)[] = [];
  const issueToken: IssueToken = (grant) => {
    issuedAfter.push({ ...work });
    return issueJson(grant);
  };
  const common = { sessions, revocations, issueToken, telemetry, now, refreshTtlSeconds: 60, maxLifetimeSeconds: 3600 };
  const logIn = makeLogIn({ ...common, credentials, guesses, transact, hasher });
  const changePassword = makeChangePassword({
    ...{ credentials, guesses, transact, hasher, revocations, telemetry, userNotFound, accessDenied },
  });
  const reauthenticate = makeReauthenticate({ ...common, credentials, guesses, hasher });
  return {
    ...{ stores, reported, revoked, work, accounts, issuedAfter },
    logIn: (login: Parameters<LogIn>[0]) => logIn(login, CLIENT_ADDRESS),
    refreshSession: makeRefreshSession(common),
    reauthenticate: (principal: Principal, password: string) => reauthenticate(principal, password, CLIENT_ADDRESS),
    logOut: makeLogOut(common),
    changePassword: (principal: Principal, id: string, passwords: Parameters<ChangePassword>[2]) =>
      changePassword(principal, id, passwords, CLIENT_ADDRESS),
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
    expect(reported).toEqual(
      Array(2).fill(['signInRefused', { reason: 'credentials', address: CLIENT_ADDRESS.address }]),
    );
  });

  it('counts the guesses of an account by its id, and those of an unknown login by its normal form', async () => {
    const { logIn, accounts } = arrange();
    for (const login of ['ann', 'ANN', 'Ann@Example.com', 'bob', 'BOB']) {
      await logIn({ login, password: NEW }).catch(() => undefined);
    }
    expect(accounts).toEqual([ID, ID, ID, 'bob', 'bob']);
  });

  // the Kelvin sign and a dotted capital I: both become ASCII letters when their case is folded
  it.each(['\u212Aim', 'k\u0130m', 'kim\n', 'kim '])(
    'takes %j for an unknown login, in the same time',
    async (login) => {
      const { logIn, stores, work } = arrange();
      const [ann] = stores.rows.users.values();
      if (ann) stores.rows.users.set(ID, { ...ann, username: 'kim' });
      await expect(logIn({ login, password: OLD })).rejects.toMatchObject({ code: 'CREDENTIALS_WRONG' });
      expect(work).toEqual({ hashed: 0, verified: 0, dummyVerified: 1 });
    },
  );

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

  it('issues the token before it rehashes', async () => {
    const { logIn, work, issuedAfter } = arrange({ strength: 2 });
    await logIn({ login: 'ann', password: OLD });
    expect(issuedAfter).toEqual([{ hashed: 0, verified: 1, dummyVerified: 0 }]);
    expect(work.hashed).toBe(1);
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

  it.each([1, 2, 3])('ends the session when token %i of four is used again', async (nth) => {
    const { logIn, refreshSession, stores } = arrange();
    const tokens = [(await logIn({ login: 'ann', password: OLD })).refresh_token];
    for (let n = 0; n < 3; n += 1) tokens.push((await refreshSession(tokens.at(-1) ?? '')).refresh_token);
    await expect(refreshSession(tokens[nth - 1] ?? '')).rejects.toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
    expect(stores.rows.sessions.size).toBe(0);
  });

  it('does not end the session for a token that was never issued', async () => {
    const { logIn, refreshSession, stores, revoked } = arrange();
    const { refresh_token: token } = await logIn({ login: 'ann', password: OLD });
    const forged = `${token.split('.')[0] ?? ''}.${'A'.repeat(43)}`;
    await expect(refreshSession(forged)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
    expect([stores.rows.sessions.size, revoked.size]).toEqual([1, 0]);
    await expect(refreshSession(token)).resolves.toHaveProperty('refresh_token');
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

describe('reauthenticate', () => {
  it('issues an access token of the same session that says when the password was entered', async () => {
    const { logIn, refreshSession, reauthenticate, reported } = arrange();
    const first = await logIn({ login: 'ann', password: OLD });
    const second = await refreshSession(first.refresh_token);
    const third = await reauthenticate(userPrincipal(ID, sessionOf(first)), OLD);
    expect(JSON.parse(third.access_token)).toMatchObject({
      ...{ subject: ID, sessionId: sessionOf(first) },
      authenticatedAt: '2026-01-31T12:00:00.000Z',
      notAfter: '2026-01-31T12:01:00.000Z',
    });
    expect(third).not.toHaveProperty('refresh_token');
    for (const ordinary of [first, second])
      expect(JSON.parse(ordinary.access_token)).not.toHaveProperty('authenticatedAt');
    expect(reported.at(-1)).toEqual(['reauthenticated', { userId: ID }]);
  });

  it('requires the password', async () => {
    const { logIn, reauthenticate, reported } = arrange();
    const principal = userPrincipal(ID, sessionOf(await logIn({ login: 'ann', password: OLD })));
    await expect(reauthenticate(principal, NEW)).rejects.toMatchObject({
      code: 'PASSWORD_WRONG',
      faults: [{ pointer: '/password' }],
    });
    expect(reported.at(-1)).toEqual(['reauthenticationRefused', { userId: ID, address: CLIENT_ADDRESS.address }]);
  });

  it('is not for a session that has ended, nor for a service', async () => {
    const { logIn, logOut, reauthenticate } = arrange();
    const principal = userPrincipal(ID, sessionOf(await logIn({ login: 'ann', password: OLD })));
    await logOut(principal);
    await expect(reauthenticate(principal, OLD)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
    await expect(reauthenticate(servicePrincipal('users:read'), OLD)).rejects.toMatchObject({
      code: 'SESSION_REQUIRED',
    });
  });
});

describe('assertReauthenticated', () => {
  const NOON = Date.parse('2026-01-31T12:00:00Z');
  const assertReauthenticated = makeAssertReauthenticated({ maxAgeSeconds: 300, now: () => new Date(NOON) });

  it.each([0, 300])('accepts a password that was entered %i seconds ago', (age) => {
    expect(() => {
      assertReauthenticated({ authenticatedAt: NOON / 1000 - age });
    }).not.toThrow();
  });

  it.each([
    ['301 seconds ago', NOON / 1000 - 301],
    ['never', undefined],
  ])('rejects one that was entered %s', (_, authenticatedAt) => {
    expect(() => {
      assertReauthenticated({ authenticatedAt });
    }).toThrow(expect.objectContaining({ code: 'REAUTHENTICATION_REQUIRED', maxAgeSeconds: 300 }));
  });
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
    const change = changePassword(userPrincipal(ID), ID, { oldPassword: 'five silent oceans', newPassword: NEW });
    await expect(change).rejects.toMatchObject({ code: 'PASSWORD_WRONG', faults: [{ pointer: '/oldPassword' }] });
    expect(stores.rows.hashes.get(ID)).toContain(OLD);
  });

  it.each([
    ['common', 'password'],
    ['made of the name', 'Annabelle.Lee-26'],
    ['made of the address', 'ann@example.com-1'],
    ['the old one', OLD],
  ])('rejects a new password that is %s, before any hashing', async (_, newPassword) => {
    const { changePassword, work } = arrange();
    const change = changePassword(userPrincipal(ID), ID, { oldPassword: OLD, newPassword });
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
