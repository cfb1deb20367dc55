// End-to-end use of the API by users and services, on real PostgreSQL and Redis.

import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Api } from '../../../src/http/api.ts';
import { newRegistration, newUser, PASSWORD, reauthenticated, serviceHeaders } from '../../support/http/actors.ts';
import { makeTestApp } from '../../support/http/make-test-app.ts';
import { makeStoredRows } from '../../support/http/stored-rows.ts';
import { makeTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { makeTestRedis } from '../../support/test-redis.ts';

let database: TestDatabase;
let rows: Awaited<ReturnType<typeof makeStoredRows>>;
let postgres: TcpProxy;
let redis: TcpProxy;
let whole: Awaited<ReturnType<typeof makeTestApp>>;
let app: Api;

beforeAll(async () => {
  database = await makeTestDatabase();
  rows = await makeStoredRows(database.adminUrl);
  const redisServer = makeTestRedis();
  postgres = await makeTcpProxy(database);
  redis = await makeTcpProxy(redisServer);
  whole = await makeTestApp({
    database: { ...database, host: postgres.host, port: postgres.port },
    redis: { ...redisServer, host: redis.host, port: redis.port },
  });
  app = await whole.serve();
});

afterAll(async () => {
  await app.close();
  await whole.close();
  await postgres.close();
  await redis.close();
  await rows.close();
  await database.drop();
});

const post = (url: string, payload: object, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url: `/api/v1${url}`, payload, headers });

describe('registering', () => {
  it('responds with the user, its Location and its ETag', async () => {
    const { password, ...registration } = newRegistration();

    const response = await post('/users', { ...registration, password });

    const user = response.json<{ id: string }>();
    expect(response.statusCode).toBe(201);
    expect(user).toMatchObject(registration);
    expect(response.body).not.toContain(password);
    expect(response.headers).toMatchObject({ location: `/api/v1/users/${user.id}`, etag: '"1"' });
  });

  it('reports every invalid field at once, and writes nothing', async () => {
    const before = await rows.digest();

    const response = await post('/users', { username: '-', name: '', email: 'a@@b', password: 'short' });

    expect(response.statusCode).toBe(400);
    const { code, errors } = response.json<{ code: string; errors: { pointer: string }[] }>();
    expect(code).toBe('USER_INPUT_INVALID');
    expect(new Set(errors.map(({ pointer }) => pointer))).toEqual(
      new Set(['/username', '/name', '/email', '/password']),
    );
    expect(await rows.digest()).toBe(before);
  });

  it.each([
    ['username', 'u'.repeat(51)],
    ['name', 'n'.repeat(101)],
    ['email', `${'e'.repeat(65)}@example.com`],
    ['password', 'p'.repeat(129)],
  ])('rejects a %s that is too long', async (field, value) => {
    const response = await post('/users', { ...newRegistration(), [field]: value });

    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ errors: [{ pointer: `/${field}` }] });
  });

  it.each([
    ['is invisible', '\u3164'],
    ['has an invisible part', 'Ann\u200BLee'],
    ['turns the text after it', 'Ann\u202Eeel'],
    ['has two lines', 'Ann\u2028your parcel waits'],
  ])('rejects a name that %s, at registration and as a change', async (_, name) => {
    const ann = await newUser(app);

    const registration = await post('/users', { ...newRegistration(), name });
    const headers = { ...ann.headers, 'if-match': '"1"' };
    const change = await app.inject({ method: 'PATCH', url: `/api/v1/users/${ann.id}`, payload: { name }, headers });

    for (const response of [registration, change]) {
      expect(response.statusCode).toBe(400);
      expect(response.json()).toMatchObject({ errors: [{ pointer: '/name' }] });
    }
  });

  it('reads a user whose name was accepted by an earlier release, and changes the other fields', async () => {
    const ann = await newUser(app);
    await whole.pool.query('UPDATE users SET name = $2 WHERE id = $1', [ann.id, 'Ann\u200B']);
    const url = `/api/v1/users/${ann.id}`;

    const payload = { email: `${randomUUID()}@example.com` };
    const headers = { ...(await reauthenticated(app, ann)), 'if-match': '"1"' };
    const change = await app.inject({ method: 'PATCH', url, payload, headers });
    const read = await app.inject({ url, headers: ann.headers });

    expect([change.statusCode, read.statusCode]).toEqual([200, 200]);
    expect(read.json()).toMatchObject({ ...payload, name: 'Ann\u200B' });
  });

  it.each(['username', 'email'] as const)('rejects a taken %s in any case, with its code', async (field) => {
    const { username, email } = await newUser(app);
    const taken = field === 'username' ? username : email;

    const response = await post('/users', { ...newRegistration(), [field]: taken.toUpperCase() });

    expect(response.statusCode).toBe(409);
    expect(response.json()).toMatchObject({ code: `${field.toUpperCase()}_TAKEN` });
  });

  it('with a key and another password is rejected, once for all', async () => {
    const registration = newRegistration();
    const key = { 'idempotency-key': registration.username };
    await post('/users', registration, key);

    const wrong = await post('/users', { ...registration, password: 'five slow mountains' }, key);
    const right = await post('/users', registration, key);

    for (const response of [wrong, right]) {
      expect(response.statusCode).toBe(422);
      expect(response.json()).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    }
  });

  it('again after the profile was changed gets the current user', async () => {
    const registration = newRegistration();
    const key = { 'idempotency-key': registration.username };
    const { id } = (await post('/users', registration, key)).json<{ id: string }>();
    const { password, username: login } = registration;
    const { access_token: token } = (await post('/auth/login', { login, password })).json<{ access_token: string }>();
    const headers = { authorization: `Bearer ${token}`, 'if-match': '"1"' };
    const changed = await app.inject({
      method: 'PATCH',
      url: `/api/v1/users/${id}`,
      headers,
      payload: { name: 'New' },
    });

    const again = await post('/users', registration, key);

    expect([again.statusCode, again.body, again.headers.etag]).toEqual([201, changed.body, '"2"']);
  });

  it('with a key stores neither the password nor the profile beside the user', async () => {
    const registration = newRegistration();
    const { id } = (await post('/users', registration, { 'idempotency-key': 'signup-4711' })).json<{ id: string }>();

    const statement = 'SELECT fingerprint, outcome FROM idempotency_keys WHERE user_id = $1';
    const stored = await whole.pool.query(statement, [id]);

    expect(stored.rows).toEqual([{ fingerprint: Buffer.alloc(32), outcome: { kind: 'done', id, version: 1 } }]);
  });

  it('responds in the same way to the same key, and writes one user', async () => {
    const registration = newRegistration();
    const key = { 'idempotency-key': registration.username };

    const [first, second] = await Promise.all([post('/users', registration, key), post('/users', registration, key)]);
    const third = await post('/users', registration, { 'idempotency-key': `"${registration.username}"` });

    for (const response of [second, third]) {
      expect(response.statusCode).toBe(201);
      expect(response.body).toBe(first.body);
      expect(response.headers).toMatchObject({ location: first.headers.location, etag: first.headers.etag });
    }
  });
});

describe('a profile', () => {
  it('changes once per version, together with its cached copy', async () => {
    const user = await newUser(app);
    const change = (etag: string) =>
      app.inject({
        method: 'PATCH',
        url: user.path,
        headers: { ...user.headers, 'if-match': etag },
        payload: { name: 'Ann Bee' },
      });
    await app.inject({ url: user.path, headers: user.headers });

    const changed = await change('"1"');
    const stale = await change('"1"');
    const read = await app.inject({ url: user.path, headers: { ...user.headers, 'if-none-match': '"1"' } });

    expect(changed.statusCode).toBe(200);
    expect(changed.headers.etag).toBe('"2"');
    expect(stale.statusCode).toBe(412);
    expect(read.statusCode).toBe(200);
    expect(read.json()).toMatchObject({ name: 'Ann Bee' });
  });

  it('of another user gets the same response as a missing one', async () => {
    const [ann, bob] = [await newUser(app), await newUser(app)];
    const missing = ann.path.replace(/.{12}$/, '000000000000');
    const headers = { ...bob.headers, 'if-match': '"1"' };
    const withoutTrace = (body: string) => body.replace(/"traceId":"[^"]*"/, '');

    for (const method of ['GET', 'PATCH', 'DELETE'] as const) {
      const payload = method === 'PATCH' ? { name: 'Bob' } : undefined;
      const [foreign, none] = await Promise.all(
        [ann.path, missing].map((url) => app.inject({ method, url, headers, ...(payload && { payload }) })),
      );
      expect(foreign?.statusCode).toBe(404);
      expect(withoutTrace(foreign?.body ?? '')).toBe(withoutTrace(none?.body ?? 'none'));
    }
  });

  it('is readable for a service with the scope users:read', async () => {
    const user = await newUser(app);

    const response = await app.inject({ url: user.path, headers: await serviceHeaders(app, 'users:read') });

    expect(response.json()).toMatchObject({ id: user.id });
  });

  it('can not be read after erasure, and its sessions have ended', async () => {
    const user = await newUser(app);

    const headers = await reauthenticated(app, user);
    const erased = await app.inject({ method: 'DELETE', url: user.path, headers });

    expect(erased.statusCode).toBe(204);
    expect(erased.body).toBe('');
    expect((await app.inject({ url: user.path, headers: user.headers })).statusCode).toBe(401);
    expect((await app.inject({ url: user.path, headers: await serviceHeaders(app) })).statusCode).toBe(404);
    expect((await post('/auth/refresh', { refresh_token: user.refreshToken })).statusCode).toBe(401);
    expect((await post('/auth/login', { login: user.email, password: PASSWORD })).statusCode).toBe(401);
  });
});

describe('a session', () => {
  it('is returned with the field names of RFC 6749 and is not cacheable', async () => {
    const user = await newUser(app);

    const response = await post('/auth/login', { login: user.email.toUpperCase(), password: PASSWORD });

    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.json()).toMatchObject({ token_type: 'Bearer', expires_in: 300 });
  });

  it('gets the same error for an unknown login and a wrong password', async () => {
    const user = await newUser(app);
    const logIn = async (login: string) =>
      (await post('/auth/login', { login, password: 'a wrong password' })).json<object>();

    expect({ ...(await logIn(user.username)), traceId: '' }).toEqual({ ...(await logIn('unknown')), traceId: '' });
  });

  it('ends at logout', async () => {
    const user = await newUser(app);

    expect((await app.inject({ method: 'POST', url: '/api/v1/auth/logout', headers: user.headers })).statusCode).toBe(
      204,
    );

    expect((await app.inject({ url: user.path, headers: user.headers })).statusCode).toBe(401);
    expect((await post('/auth/refresh', { refresh_token: user.refreshToken })).statusCode).toBe(401);
  });

  it('ends when a refresh token is used twice', async () => {
    const { refreshToken } = await newUser(app);
    const next = (await post('/auth/refresh', { refresh_token: refreshToken })).json<{ refresh_token: string }>();

    expect((await post('/auth/refresh', { refresh_token: refreshToken })).statusCode).toBe(401);
    expect((await post('/auth/refresh', { refresh_token: next.refresh_token })).statusCode).toBe(401);
  });

  it('continues after a password change, while the other sessions end', async () => {
    const user = await newUser(app);
    const other = (await post('/auth/login', { login: user.username, password: PASSWORD })).json<{
      access_token: string;
    }>();
    const newPassword = 'four loud oceans';

    const changed = await app.inject({
      method: 'PUT',
      url: `${user.path}/password`,
      headers: user.headers,
      payload: { oldPassword: PASSWORD, newPassword },
    });

    expect(changed.statusCode).toBe(204);
    expect((await app.inject({ url: user.path, headers: user.headers })).statusCode).toBe(200);
    const otherHeaders = { authorization: `Bearer ${other.access_token}` };
    expect((await app.inject({ url: user.path, headers: otherHeaders })).statusCode).toBe(401);
    expect((await post('/auth/login', { login: user.username, password: newPassword })).statusCode).toBe(200);
  });

  it('has the same rules for a changed password as for the first one', async () => {
    const user = await newUser(app);
    const personal = `${user.username}-1`;
    const change = (newPassword: string) =>
      app.inject({
        method: 'PUT',
        url: `${user.path}/password`,
        headers: user.headers,
        payload: { oldPassword: PASSWORD, newPassword },
      });

    const registered = await post('/users', { ...newRegistration(), username: user.username, password: personal });

    expect(registered.json()).toMatchObject({ errors: [{ pointer: '/password' }] });
    for (const newPassword of [personal, PASSWORD]) {
      const changed = await change(newPassword);
      expect(changed.statusCode).toBe(400);
      expect(changed.json()).toMatchObject({
        code: 'PASSWORD_UNACCEPTABLE',
        errors: [{ pointer: '/newPassword' }],
      });
    }
  });

  it('is not accessible with a forged token', async () => {
    const { path, headers } = await newUser(app);
    const [head = '', body = '', signature = ''] = headers.authorization.replace('Bearer ', '').split('.');
    const unsigned = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    const forged = [
      `${unsigned}.${body}.`,
      `${head}.${body}.${signature.split('').reverse().join('')}`,
      'a.b.c',
      'a'.repeat(5000),
    ];

    for (const token of forged) {
      const response = await app.inject({ url: path, headers: { authorization: `Bearer ${token}` } });

      expect(response.statusCode).toBe(401);
      expect(response.json()).toMatchObject({ code: 'TOKEN_INVALID' });
    }
  });

  it('is protected against guessing by a limit in Redis', async () => {
    const guarded = await whole.serve({ options: { strictLimitPerMinute: 3 } });
    const guess = () =>
      guarded.inject({ method: 'POST', url: '/api/v1/auth/login', payload: { login: 'unknown', password: 'a' } });

    const responses = [await guess(), await guess(), await guess()];

    expect(responses.map(({ statusCode }) => statusCode)).toEqual([401, 401, 429]);
    expect(Number(responses[2]?.headers['retry-after'])).toBeGreaterThan(0);
    await guarded.close();
  });
});

describe('a step-up', () => {
  const changeEmail = (path: string, headers: Record<string, string>) =>
    app.inject({
      method: 'PATCH',
      url: path,
      headers: { ...headers, 'if-match': '"1"' },
      payload: { email: newRegistration().email },
    });
  const erase = (path: string, headers: Record<string, string>) => app.inject({ method: 'DELETE', url: path, headers });

  it('is required by challenge for another e-mail address and for erasure, after sign-in and after refresh', async () => {
    const user = await newUser(app);
    const refreshed = await post('/auth/refresh', { refresh_token: user.refreshToken });
    const { access_token } = refreshed.json<{ access_token: string }>();
    const before = await rows.digest();

    for (const headers of [user.headers, { authorization: `Bearer ${access_token}` }])
      for (const response of [await changeEmail(user.path, headers), await erase(user.path, headers)]) {
        expect(response.statusCode).toBe(401);
        expect(response.json()).toMatchObject({ code: 'REAUTHENTICATION_REQUIRED' });
        expect(response.headers['www-authenticate']).toBe(
          'Bearer realm="user-service", error="insufficient_user_authentication", max_age="300"',
        );
      }
    expect(await rows.digest()).toBe(before);
  });

  it('allows both, with a token that is not refreshed and ends with its session', async () => {
    const user = await newUser(app);
    const headers = await reauthenticated(app, user);

    expect((await changeEmail(user.path, headers)).statusCode).toBe(200);
    await app.inject({ method: 'POST', url: '/api/v1/auth/logout', headers: user.headers });

    const late = await erase(user.path, headers);
    expect(late.statusCode).toBe(401);
    expect(late.json()).toMatchObject({ code: 'TOKEN_INVALID' });
  });

  it('does not open the account of somebody else', async () => {
    const [ann, bob] = [await newUser(app), await newUser(app)];

    const response = await erase(ann.path, await reauthenticated(app, bob));

    expect(response.statusCode).toBe(404);
  });

  it('is not for services, and not without the password', async () => {
    const user = await newUser(app);
    const payload = { password: 'four loud oceans' };

    const [wrong, service] = [
      await post('/auth/reauthenticate', payload, user.headers),
      await post('/auth/reauthenticate', payload, await serviceHeaders(app)),
    ];

    expect([wrong.statusCode, wrong.json<{ code: string }>().code]).toEqual([403, 'PASSWORD_WRONG']);
    expect([service.statusCode, service.json<{ code: string }>().code]).toEqual([403, 'SESSION_REQUIRED']);
  });
});

describe('the list of users', () => {
  it('is read page by page, newest first, each user once', async () => {
    const ids = [(await newUser(app)).id, (await newUser(app)).id, (await newUser(app)).id].reverse();
    const headers = await serviceHeaders(app);
    type Page = { items: { id: string }[]; nextCursor?: string };
    const seen: string[] = [];

    let url = '/api/v1/users?limit=2';
    for (let pages = 0; pages < 50 && url !== ''; pages += 1) {
      const response = await app.inject({ url, headers });
      const { items, nextCursor } = response.json<Page>();
      seen.push(...items.map(({ id }) => id));
      url = /^<(.*)>; rel="next"$/.exec(String(response.headers.link))?.[1] ?? '';
      expect(url === '').toBe(nextCursor === undefined);
    }

    expect(seen.slice(0, 3)).toEqual(ids);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('is forbidden for users', async () => {
    const { headers } = await newUser(app);

    const response = await app.inject({ url: '/api/v1/users', headers });

    expect(response.statusCode).toBe(403);
    expect(response.headers['www-authenticate']).toContain('insufficient_scope');
  });
});

describe('when a dependency is down', () => {
  it('without PostgreSQL, cached users are served, and writes get 503 with Retry-After', async () => {
    const user = await newUser(app);
    await app.inject({ url: user.path, headers: user.headers });

    postgres.down();
    const read = await app.inject({ url: user.path, headers: user.headers });
    const write = await post('/users', newRegistration());
    postgres.up();

    expect(read.statusCode).toBe(200);
    expect(write.statusCode).toBe(503);
    expect(write.headers['retry-after']).toBe('1');
    expect(write.json()).toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  it('without Redis, everything is served from PostgreSQL, and strict limits are counted per process', async () => {
    const user = await newUser(app);
    const guarded = await whole.serve({ options: { strictLimitPerMinute: 4 } });
    const payload = { login: 'unknown', password: 'a' };
    const guess = async () => (await guarded.inject({ method: 'POST', url: '/api/v1/auth/login', payload })).statusCode;

    redis.down();
    const read = await app.inject({ url: user.path, headers: user.headers });
    const change = await app.inject({
      method: 'PATCH',
      url: user.path,
      headers: { ...user.headers, 'if-match': '"1"' },
      payload: { name: 'Without Redis' },
    });
    const logout = await app.inject({ method: 'POST', url: '/api/v1/auth/logout', headers: user.headers });
    const guesses = [await guess(), await guess(), await guess()];
    redis.up();
    await guarded.close();

    expect([read.statusCode, change.statusCode, logout.statusCode]).toEqual([200, 200, 204]);
    expect(guesses).toEqual([401, 401, 429]);
  });
});
