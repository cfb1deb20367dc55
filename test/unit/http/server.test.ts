// What applies to every request, whatever its route.

import { afterEach, describe, expect, it } from 'vitest';

import { AuthError } from '../../../src/auth/errors.ts';
import { Unavailable } from '../../../src/errors/unavailable.ts';
import type { Api } from '../../../src/http/api.ts';
import type { LimitKey } from '../../../src/rate-limit/ports.ts';
import { eventually } from '../../support/eventually.ts';
import {
  makeFakeServer,
  makeRecorder,
  principal,
  tokens,
  USER_ID,
  userRepresentation,
  type FakeDeps,
} from '../../support/http/fake-deps.ts';
import { bodyOf, listen, rawRequest } from '../../support/http/raw-request.ts';

const PATH = `/api/v1/users/${USER_ID}`;
const headers = { authorization: 'Bearer token' };
const readUser = () => Promise.resolve(userRepresentation);

let app: Api | undefined;
const serve = async (deps: FakeDeps = {}): Promise<Api> => (app = await makeFakeServer({ readUser, ...deps }));
afterEach(async () => {
  await app?.close();
  app = undefined;
});

describe('logs and metrics', () => {
  it('contain one line and one sample per request, with the pattern of the route', async () => {
    const { lines, samples, ...recorder } = makeRecorder();
    const server = await serve(recorder);

    await server.inject({ url: `${PATH}?`, headers });

    await eventually(() => {
      expect(samples).toMatchObject([{ method: 'GET', route: '/api/v1/users/:id', status: '200' }]);
    });
    expect(lines).toMatchObject([
      {
        level: 'info',
        message: 'request completed',
        fields: { method: 'GET', route: '/api/v1/users/:id', status: 200 },
      },
    ]);
    expect(JSON.stringify(lines)).not.toContain(USER_ID);
  });

  it('have the address of a caller only when it was refused', async () => {
    const { lines, samples, ...recorder } = makeRecorder();
    const server = await serve(recorder);
    const remoteAddress = '192.0.2.7';

    await server.inject({ url: PATH, headers, remoteAddress });
    await server.inject({ url: PATH, remoteAddress });

    await eventually(() => {
      expect(lines.map(({ fields: { status, address } }) => [status, address])).toEqual([
        [200, undefined],
        [401, remoteAddress],
      ]);
    });
    expect(JSON.stringify(samples)).not.toContain(remoteAddress);
  });

  it('use one route label for all unknown paths', async () => {
    const { samples, ...recorder } = makeRecorder();
    const server = await serve(recorder);

    await server.inject('/a');
    await server.inject('/b/c');

    await eventually(() => {
      expect(samples.map(({ route, status }) => [route, status])).toEqual([
        ['unmatched', '404'],
        ['unmatched', '404'],
      ]);
    });
  });

  it('contain an unexpected error once, with its cause, which is not sent to the caller', async () => {
    const { lines, ...recorder } = makeRecorder();
    const error = new Error('secret', { cause: new Error('root') });
    const server = await serve({ ...recorder, readUser: () => Promise.reject(error) });

    const response = await server.inject({ url: PATH, headers });

    expect(response.statusCode).toBe(500);
    expect(response.body).not.toContain('secret');
    const { requestId } = lines.find(({ level }) => level === 'error')?.fields ?? {};
    expect(response.json()).toMatchObject({ code: 'INTERNAL', traceId: requestId });
    expect(lines.filter(({ fields }) => fields.err === error)).toHaveLength(1);
  });

  it('contain a failed dependency as a warning, and nothing for rejected load', async () => {
    const { lines, ...recorder } = makeRecorder();
    const failures = [
      new Unavailable('STORE_UNAVAILABLE', 'down', { cause: new Error('ECONNREFUSED') }),
      new Unavailable('HASHING_BUSY', 'busy'),
    ];
    const server = await serve({
      ...recorder,
      readUser: () => Promise.reject(failures.shift() ?? new Error('none left')),
    });

    expect((await server.inject({ url: PATH, headers })).statusCode).toBe(503);
    expect((await server.inject({ url: PATH, headers })).statusCode).toBe(503);

    expect(lines.filter(({ level }) => level !== 'info')).toMatchObject([{ level: 'warn' }]);
  });

  it('have the trace id of the problem document', async () => {
    const server = await serve({ currentTrace: () => ({ traceId: 'abc123' }) });

    expect((await server.inject('/none')).json()).toMatchObject({ traceId: 'abc123' });
  });
});

describe('the deadline', () => {
  it('responds with 503 and Retry-After when the work takes too long', async () => {
    const server = await serve({ readUser: () => new Promise(() => undefined), options: { requestTimeoutMs: 30 } });
    const port = await listen(server);

    const response = await fetch(`http://127.0.0.1:${port}${PATH}`, { headers });

    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  it('ignores the result of work that completes later', async () => {
    const { promise, resolve } = Promise.withResolvers<typeof userRepresentation>();
    const { lines, ...recorder } = makeRecorder();
    const server = await serve({ ...recorder, readUser: () => promise, options: { requestTimeoutMs: 30 } });
    const port = await listen(server);

    const response = await fetch(`http://127.0.0.1:${port}${PATH}`, { headers });
    resolve(userRepresentation);
    await promise;

    expect(response.status).toBe(503);
    expect(lines.map(({ fields }) => fields.status)).toEqual([503]);
  });

  it('responds with 408 and closes the connection when the body does not arrive', async () => {
    const port = await listen(await serve({ options: { requestTimeoutMs: 30 } }));

    const response = await rawRequest(
      port,
      'POST /api/v1/users HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{',
    );

    expect(response).toMatch(/^HTTP\/1\.1 408 /);
    expect(bodyOf(response)).toMatchObject({ code: 'REQUEST_TIMEOUT' });
  });
});

describe('the access token', () => {
  it('can be verified synchronously or asynchronously', async () => {
    const verified = [principal(), Promise.resolve(principal())];
    const subjects: string[] = [];
    const server = await serve({
      verifyAccessToken: () => verified.shift() ?? principal(),
      readUser: ({ subject }) => {
        subjects.push(subject);
        return readUser();
      },
    });

    await server.inject({ url: PATH, headers });
    await server.inject({ url: PATH, headers: { authorization: 'bearer  token' } });

    expect(subjects).toEqual([USER_ID, USER_ID]);
  });

  it.each([
    ['no header', {}, 'TOKEN_MISSING'],
    ['another scheme', { authorization: 'Basic YTpi' }, 'TOKEN_MISSING'],
    ['no token', { authorization: 'Bearer ' }, 'TOKEN_MISSING'],
    ['two tokens', { authorization: 'Bearer a b' }, 'TOKEN_MISSING'],
  ])('is rejected: %s', async (_name, given, code) => {
    const response = await (await serve()).inject({ url: PATH, headers: given });

    expect(response.statusCode).toBe(401);
    expect(response.json()).toMatchObject({ code });
  });

  it.each([
    [
      'synchronously',
      () => {
        throw new AuthError('TOKEN_INVALID', '');
      },
    ],
    ['asynchronously', () => Promise.reject(new AuthError('TOKEN_INVALID', ''))],
  ])('is rejected when verification fails %s', async (_name, verifyAccessToken) => {
    const response = await (await serve({ verifyAccessToken })).inject({ url: PATH, headers });

    expect(response.statusCode).toBe(401);
    expect(response.headers['www-authenticate']).toContain('invalid_token');
  });
});

describe('rate limits', () => {
  const closed = { allowed: false, remaining: 0, retryAfterSeconds: 0.4 };

  it('reject an address with too many requests before any other work', async () => {
    const keys: string[] = [];
    const generalLimit = { take: (of: readonly LimitKey[]) => (keys.push(...of.map(({ key }) => key)), closed) };
    const server = await serve({
      generalLimit,
      verifyAccessToken: () => {
        throw new Error('not reached');
      },
    });

    const response = await server.inject({ url: PATH, headers });

    expect(response.statusCode).toBe(429);
    expect(response.headers).toMatchObject({ 'retry-after': '1', ratelimit: '"general";r=0;t=1' });
    expect(keys).toEqual(['127.0.0.1']);
  });

  it.each([
    ['login', '/api/v1/auth/login', 300],
    ['registration', '/api/v1/users', 10],
    ['token', '/api/v1/auth/token', 300],
    ['refresh', '/api/v1/auth/refresh', 300],
  ])('count each %s in a strict limit before its body is read', async (purpose, url, quota) => {
    const keys: string[] = [];
    const strictLimit = {
      take: (key: string, limit: number) => (keys.push(`${key} ${limit}`), closed),
      giveBack: () => undefined,
    };

    const response = await (await serve({ strictLimit })).inject({ url, method: 'POST', payload: '{' });

    expect(response.statusCode).toBe(429);
    expect(response.headers).toMatchObject({
      'retry-after': '1',
      ratelimit: `"general";r=9, "${purpose}";r=0;t=1`,
      'ratelimit-policy': `"general";q=200;w=2, "${purpose}";q=${quota};w=60`,
    });
    expect(keys).toEqual([`${purpose}:127.0.0.1 ${quota}`]);
  });

  it.each([PATH, '/none', '/.well-known/jwks.json'])('are sent with the response of %s', async (url) => {
    const response = await (
      await serve({ options: { rateLimitBurst: 50, rateLimitPerSecond: 20 } })
    ).inject({ url, headers });

    expect(response.headers).toMatchObject({ ratelimit: '"general";r=9', 'ratelimit-policy': '"general";q=50;w=3' });
  });

  it('are all sent where several count: requests per address, refreshes per address, and per session', async () => {
    const server = await serve({ refreshSession: () => Promise.resolve(tokens) });
    const payload = { refresh_token: 'any' };

    const response = await server.inject({ url: '/api/v1/auth/refresh', method: 'POST', payload });

    expect(response.headers.ratelimit).toBe('"general";r=9, "refresh";r=9, "session";r=9');
    expect(response.headers['ratelimit-policy']).toBe('"general";q=200;w=2, "refresh";q=300;w=60, "session";q=10;w=60');
  });

  it('count refreshes of a session under a hash of its id and the address of the caller', async () => {
    const keys: string[] = [];
    const strictLimit = {
      take: (key: string) => (keys.push(key), { allowed: true, remaining: 9, retryAfterSeconds: 0 }),
      giveBack: () => undefined,
    };
    const server = await serve({ strictLimit, refreshSession: () => Promise.resolve(tokens) });
    const sessionId = '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f14';

    for (const secret of ['one', 'two']) {
      const payload = { refresh_token: `${sessionId}.${secret}` };
      await server.inject({ url: '/api/v1/auth/refresh', method: 'POST', payload });
    }

    const [, first, , second] = keys;
    expect(first).toMatch(/^session:[\w-]{27}:127\.0\.0\.1$/);
    expect(second).toBe(first);
  });

  it('take wrong client secrets only, and give each right one back', async () => {
    const counted: string[] = [];
    const strictLimit = {
      take: (key: string) => (
        counted.push(`take ${key.split(':')[0]}`),
        { allowed: true, remaining: 9, retryAfterSeconds: 0 }
      ),
      giveBack: (key: string) => {
        counted.push(`give back ${key.split(':')[0]}`);
      },
    };
    const payload = { client_id: 'some', client_secret: 'any' };
    const right = await serve({ strictLimit, issueClientToken: () => Promise.resolve(tokens) });
    await right.inject({ url: '/api/v1/auth/token', method: 'POST', payload });
    await right.close();
    const wrong = () => Promise.reject(new AuthError('CLIENT_CREDENTIALS_WRONG', ''));
    const server = await serve({ strictLimit, issueClientToken: wrong });
    await server.inject({ url: '/api/v1/auth/token', method: 'POST', payload });

    expect(counted).toEqual(['take token', 'take client', 'give back client', 'take token', 'take client']);
  });

  it('trust X-Forwarded-For only from configured proxies', async () => {
    const keys: string[] = [];
    const generalLimit = { take: (of: readonly LimitKey[]) => (keys.push(...of.map(({ key }) => key)), closed) };
    const forwarded = { url: PATH, headers: { 'x-forwarded-for': '192.0.2.7' } };

    await (await serve({ generalLimit })).inject(forwarded);
    await (await serve({ generalLimit, options: { trustProxy: ['127.0.0.0/8'] } })).inject(forwarded);
    await (await serve({ generalLimit, options: { trustProxy: ['198.51.100.0/24'] } })).inject(forwarded);

    expect(keys).toEqual(['127.0.0.1', '192.0.2.7', '127.0.0.1']);
  });
});

describe('every response', () => {
  it.each([PATH, '/none', '/%zz', '/.well-known/jwks.json'])('of %s has the security headers', async (url) => {
    const response = await (await serve()).inject({ url, headers });

    expect(response.headers).toMatchObject({
      'strict-transport-security': 'max-age=63072000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    });
    expect(response.headers).not.toHaveProperty('x-powered-by');
  });

  it('asks the client to reconnect while the process drains', async () => {
    const response = await (await serve({ isDraining: () => true })).inject({ url: PATH, headers });

    expect(response.statusCode).toBe(200);
    expect(response.headers.connection).toBe('close');
  });
});

describe('closing the server', () => {
  it('completes requests in flight', async () => {
    const { promise, resolve } = Promise.withResolvers<typeof userRepresentation>();
    const started = Promise.withResolvers<undefined>();
    const server = await serve({
      readUser: () => {
        started.resolve(undefined);
        return promise;
      },
    });
    const port = await listen(server);

    const response = fetch(`http://127.0.0.1:${port}${PATH}`, { headers });
    await started.promise;
    const closed = server.close();
    resolve(userRepresentation);

    expect((await response).status).toBe(200);
    await closed;
  });
});

describe('reading a user', () => {
  it('sends the stored representation as it is, with its ETag', async () => {
    const json = '{ "id": "spaces stay" }';
    const server = await serve({ readUser: () => Promise.resolve({ version: 7, json }) });

    const response = await server.inject({ url: PATH, headers });

    expect(response.body).toBe(json);
    expect(response.headers).toMatchObject({ etag: '"7"', 'cache-control': 'private, no-cache' });
  });

  it('responds to HEAD with the same headers', async () => {
    const response = await (await serve()).inject({ url: PATH, method: 'HEAD', headers });

    expect(response.headers).toMatchObject({ etag: '"1"', 'content-length': String(userRepresentation.json.length) });
    expect(response.body).toBe('');
  });

  it('responds with 304 without a body when If-None-Match matches', async () => {
    const response = await (await serve()).inject({ url: PATH, headers: { ...headers, 'if-none-match': '"1"' } });

    expect(response.statusCode).toBe(304);
    expect(response.body).toBe('');
    expect(response.headers).toMatchObject({ etag: '"1"', 'cache-control': 'private, no-cache' });
  });

  it('accepts an id in upper case', async () => {
    const ids: string[] = [];
    const server = await serve({ readUser: (_principal, id) => (ids.push(id), readUser()) });

    await server.inject({ url: `/api/v1/users/${USER_ID.toUpperCase()}`, headers });

    expect(ids).toEqual([USER_ID]);
  });
});
