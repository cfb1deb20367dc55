// What every request passes, whatever its route.

import { afterEach, describe, expect, it } from 'vitest';

import { AuthError } from '../../../src/auth/errors.ts';
import { Unavailable } from '../../../src/errors/unavailable.ts';
import type { Api } from '../../../src/http/api.ts';
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

describe('the log and the metrics', () => {
  it('get one line and one sample per request, under the pattern of the route', async () => {
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

  it('put all unknown paths under one name', async () => {
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

  it('get an unexpected error once, with its cause, while the caller learns nothing', async () => {
    const { lines, ...recorder } = makeRecorder();
    const error = new Error('secret', { cause: new Error('root') });
    const server = await serve({ ...recorder, readUser: () => Promise.reject(error) });

    const answer = await server.inject({ url: PATH, headers });

    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret');
    const { requestId } = lines.find(({ level }) => level === 'error')?.fields ?? {};
    expect(answer.json()).toMatchObject({ code: 'INTERNAL', traceId: requestId });
    expect(lines.filter(({ fields }) => fields.err === error)).toHaveLength(1);
  });

  it('get a failed part as a warning, and shed load not at all', async () => {
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

  it('share the id of the trace with the problem', async () => {
    const server = await serve({ currentTrace: () => ({ traceId: 'abc123' }) });

    expect((await server.inject('/none')).json()).toMatchObject({ traceId: 'abc123' });
  });
});

describe('the deadline', () => {
  it('answers 503 with Retry-After when the work takes too long', async () => {
    const server = await serve({ readUser: () => new Promise(() => undefined), options: { requestTimeoutMs: 30 } });
    const port = await listen(server);

    const answer = await fetch(`http://127.0.0.1:${port}${PATH}`, { headers });

    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(await answer.json()).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  it('lets work that ends later end in silence', async () => {
    const { promise, resolve } = Promise.withResolvers<typeof userRepresentation>();
    const { lines, ...recorder } = makeRecorder();
    const server = await serve({ ...recorder, readUser: () => promise, options: { requestTimeoutMs: 30 } });
    const port = await listen(server);

    const answer = await fetch(`http://127.0.0.1:${port}${PATH}`, { headers });
    resolve(userRepresentation);
    await promise;

    expect(answer.status).toBe(503);
    expect(lines.map(({ fields }) => fields.status)).toEqual([503]);
  });

  it('answers 408 and hangs up when the body does not come', async () => {
    const port = await listen(await serve({ options: { requestTimeoutMs: 30 } }));

    const answer = await rawRequest(
      port,
      'POST /api/v1/users HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{',
    );

    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(bodyOf(answer)).toMatchObject({ code: 'REQUEST_TIMEOUT' });
  });
});

describe('the access token', () => {
  it('may be verified at once or later', async () => {
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
  ])('is refused with %s', async (_name, given, code) => {
    const answer = await (await serve()).inject({ url: PATH, headers: given });

    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({ code });
  });

  it.each([
    [
      'at once',
      () => {
        throw new AuthError('TOKEN_INVALID', '');
      },
    ],
    ['later', () => Promise.reject(new AuthError('TOKEN_INVALID', ''))],
  ])('is refused when verification fails %s', async (_name, verifyAccessToken) => {
    const answer = await (await serve({ verifyAccessToken })).inject({ url: PATH, headers });

    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toContain('invalid_token');
  });
});

describe('the limits', () => {
  const closed = { allowed: false, remaining: 0, retryAfterSeconds: 0.4 };

  it('refuse an address that asks too often, before anything else is done', async () => {
    const keys: string[] = [];
    const generalLimit = { take: (key: string) => (keys.push(key), closed) };
    const server = await serve({
      generalLimit,
      verifyAccessToken: () => {
        throw new Error('not reached');
      },
    });

    const answer = await server.inject({ url: PATH, headers });

    expect(answer.statusCode).toBe(429);
    expect(answer.headers).toMatchObject({ 'retry-after': '1', ratelimit: '"general";r=0;t=1' });
    expect(keys).toEqual(['127.0.0.1']);
  });

  it.each([
    ['login', '/api/v1/auth/login'],
    ['registration', '/api/v1/users'],
    ['token', '/api/v1/auth/token'],
    ['refresh', '/api/v1/auth/refresh'],
  ])('count a %s strictly, before its body is read', async (purpose, url) => {
    const keys: string[] = [];
    const strictLimit = { take: (key: string) => (keys.push(key), closed) };

    const answer = await (await serve({ strictLimit })).inject({ url, method: 'POST', payload: '{' });

    expect(answer.statusCode).toBe(429);
    expect(answer.headers).toMatchObject({
      'retry-after': '1',
      ratelimit: `"general";r=9, "${purpose}";r=0;t=1`,
      'ratelimit-policy': `"general";q=200;w=2, "${purpose}";q=10;w=60`,
    });
    expect(keys).toEqual([`${purpose}:127.0.0.1`]);
  });

  it.each([PATH, '/none', '/.well-known/jwks.json'])('are told with the answer of %s', async (url) => {
    const answer = await (
      await serve({ options: { rateLimitBurst: 50, rateLimitPerSecond: 20 } })
    ).inject({ url, headers });

    expect(answer.headers).toMatchObject({ ratelimit: '"general";r=9', 'ratelimit-policy': '"general";q=50;w=3' });
  });

  it('are all told where several count: the address, the attempts from it, and those for a login name', async () => {
    const server = await serve({ logIn: () => Promise.resolve(tokens) });
    const payload = { login: 'ann', password: 'x' };

    const answer = await server.inject({ url: '/api/v1/auth/login', method: 'POST', payload });

    expect(answer.headers.ratelimit).toBe('"general";r=9, "login";r=9, "login-name";r=9');
    expect(answer.headers['ratelimit-policy']).toBe('"general";q=200;w=2, "login";q=10;w=60, "login-name";q=10;w=60');
  });

  it('count a login name over all addresses, in any case, without showing it', async () => {
    const keys: string[] = [];
    const strictLimit = {
      take: (key: string) => {
        keys.push(key);
        return Promise.resolve({ allowed: true, remaining: 9, retryAfterSeconds: 0 });
      },
    };
    const server = await serve({ strictLimit, logIn: () => Promise.reject(new AuthError('CREDENTIALS_WRONG', '')) });

    for (const login of ['ann@example.com', 'ANN@example.com']) {
      await server.inject({ url: '/api/v1/auth/login', method: 'POST', payload: { login, password: 'x' } });
    }

    const [, first, , second] = keys;
    expect(first).toMatch(/^login-name:[\w-]{43}$/);
    expect(second).toBe(first);
  });

  it('believe X-Forwarded-For only from the proxies that are named', async () => {
    const keys: string[] = [];
    const generalLimit = { take: (key: string) => (keys.push(key), closed) };
    const forwarded = { url: PATH, headers: { 'x-forwarded-for': '192.0.2.7' } };

    await (await serve({ generalLimit })).inject(forwarded);
    await (await serve({ generalLimit, options: { trustProxy: ['127.0.0.0/8'] } })).inject(forwarded);
    await (await serve({ generalLimit, options: { trustProxy: ['198.51.100.0/24'] } })).inject(forwarded);

    expect(keys).toEqual(['127.0.0.1', '192.0.2.7', '127.0.0.1']);
  });
});

describe('every answer', () => {
  it.each([PATH, '/none', '/%zz', '/.well-known/jwks.json'])('of %s carries the security headers', async (url) => {
    const answer = await (await serve()).inject({ url, headers });

    expect(answer.headers).toMatchObject({
      'strict-transport-security': 'max-age=63072000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    });
    expect(answer.headers).not.toHaveProperty('x-powered-by');
  });

  it('asks the client to connect anew while the process drains', async () => {
    const answer = await (await serve({ isDraining: () => true })).inject({ url: PATH, headers });

    expect(answer.statusCode).toBe(200);
    expect(answer.headers.connection).toBe('close');
  });
});

describe('closing', () => {
  it('finishes what was begun, and tells the client to leave', async () => {
    const { promise, resolve } = Promise.withResolvers<typeof userRepresentation>();
    const begun = Promise.withResolvers<undefined>();
    const server = await serve({
      readUser: () => {
        begun.resolve(undefined);
        return promise;
      },
    });
    const port = await listen(server);

    const answer = fetch(`http://127.0.0.1:${port}${PATH}`, { headers });
    await begun.promise;
    const closed = server.close();
    resolve(userRepresentation);

    expect((await answer).status).toBe(200);
    await closed;
  });
});

describe('reading a user', () => {
  it('sends the kept text as it is, with its version', async () => {
    const json = '{ "id": "spaces stay" }';
    const server = await serve({ readUser: () => Promise.resolve({ version: 7, json }) });

    const answer = await server.inject({ url: PATH, headers });

    expect(answer.body).toBe(json);
    expect(answer.headers).toMatchObject({ etag: '"7"', 'cache-control': 'private, no-cache' });
  });

  it('answers HEAD with the same headers', async () => {
    const answer = await (await serve()).inject({ url: PATH, method: 'HEAD', headers });

    expect(answer.headers).toMatchObject({ etag: '"1"', 'content-length': String(userRepresentation.json.length) });
    expect(answer.body).toBe('');
  });

  it('answers 304 without a body to a caller who has it', async () => {
    const answer = await (await serve()).inject({ url: PATH, headers: { ...headers, 'if-none-match': '"1"' } });

    expect(answer.statusCode).toBe(304);
    expect(answer.body).toBe('');
    expect(answer.headers).toMatchObject({ etag: '"1"', 'cache-control': 'private, no-cache' });
  });

  it('takes an id in upper case', async () => {
    const ids: string[] = [];
    const server = await serve({ readUser: (_principal, id) => (ids.push(id), readUser()) });

    await server.inject({ url: `/api/v1/users/${USER_ID.toUpperCase()}`, headers });

    expect(ids).toEqual([USER_ID]);
  });
});
