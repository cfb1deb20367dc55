// What a use case never gets to see. Those of these servers fail when they are called, so a refusal here means: nothing was done.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Api } from '../../../src/http/api.ts';
import { makeListUsers } from '../../../src/users/list-users.ts';
import { makeFakeServer, principal, USER_ID } from '../../support/http/fake-deps.ts';
import { bodyOf, listen, rawRequest } from '../../support/http/raw-request.ts';

const PATH = `/api/v1/users/${USER_ID}`;
const authorization = 'Bearer token';
const json = { 'content-type': 'application/json' };
const body = { username: 'ann', name: 'Ann', email: 'ann@example.com', password: 'three quiet rivers' };

let app: Api;
let port: number;
beforeAll(async () => {
  const scopes = new Set(['users:list']);
  app = await makeFakeServer({
    verifyAccessToken: () => principal({ scopes }),
    listUsers: makeListUsers({ directory: { list: () => Promise.resolve([]) } }),
    options: { bodyLimitBytes: 1024 },
  });
  port = await listen(app);
});
afterAll(() => app.close());

const register = (payload: string, headers: Record<string, string> = json) =>
  app.inject({ method: 'POST', url: '/api/v1/users', headers, payload });

describe('a body', () => {
  it.each(['{', '', '{"a":1}x', 'null,', "{'a':1}", '\u{feff}{'])('that is no JSON is refused: %j', async (payload) => {
    const answer = await register(payload);

    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  it('that is no UTF-8 is refused', async () => {
    const payload = Buffer.from([...Buffer.from('{"username":"'), 0xff, ...Buffer.from('"}')]);

    const answer = await app.inject({ method: 'POST', url: '/api/v1/users', headers: json, payload });

    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'BODY_UNREADABLE' });
  });

  it.each(['null', '[]', '"text"', '1', 'true'])('that is no object is refused: %s', async (payload) => {
    const answer = await register(payload);

    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ errors: [{ pointer: '', detail: 'must be an object' }] });
  });

  it('is told every fault of its shape at once', async () => {
    const answer = await register(JSON.stringify({ username: 1, name: null, email: 'a', admin: true, 'a/b': 1 }));

    expect(answer.statusCode).toBe(400);
    expect(answer.json<{ errors: unknown[] }>().errors).toEqual(
      expect.arrayContaining([
        { pointer: '/username', detail: 'must be a string' },
        { pointer: '/name', detail: 'must be a string' },
        { pointer: '/password', detail: 'is required' },
        { pointer: '/admin', detail: 'is not a known field' },
        { pointer: '/a~1b', detail: 'is not a known field' },
      ]),
    );
  });

  it.each([
    ['a NUL character', String.raw`{"name":"a\u0000"}`, '/name'],
    ['half of a surrogate pair', String.raw`{"name":"\ud800"}`, '/name'],
    ['__proto__', '{"__proto__":{"admin":true}}', '/__proto__'],
    ['constructor', '{"constructor":{"prototype":{"admin":true}}}', '/constructor'],
  ])('with %s is refused, with the place of it', async (_name, payload, pointer) => {
    const answer = await register(payload);

    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'REQUEST_INVALID', errors: [{ pointer }] });
  });

  it('that is too large is refused with 413', async () => {
    const answer = await register(JSON.stringify({ ...body, name: 'a'.repeat(1024) }));

    expect(answer.statusCode).toBe(413);
    expect(answer.json()).toMatchObject({ code: 'BODY_TOO_LARGE' });
  });

  it('of chunks that become too large is refused with 413', async () => {
    const chunk = `400\r\n${'a'.repeat(1024)}\r\n`;

    const answer = await rawRequest(
      port,
      `POST /api/v1/users HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunk}${chunk}0\r\n\r\n`,
    );

    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('that changes nothing is refused', async () => {
    const answer = await app.inject({
      method: 'PATCH',
      url: PATH,
      headers: { ...json, authorization, 'if-match': '"1"' },
      payload: '{}',
    });

    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ errors: [{ pointer: '', detail: 'must have at least one field' }] });
  });
});

describe('a content type', () => {
  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=a',
    'application/json; charset=utf-16',
    'application/json; charset=latin1',
    'application/json; profile=a',
    'application/jsonp',
    'application/json-patch+json',
    'application/problem+json',
    'application/*',
    '*/*',
    'json',
    'application/json, text/plain',
    'application/json;;',
    'text/json',
  ])('%s is refused with 415, body or not', async (type) => {
    for (const payload of [JSON.stringify(body), '']) {
      const answer = await register(payload, { 'content-type': type });

      expect(answer.statusCode).toBe(415);
      expect(answer.json()).toMatchObject({ code: 'CONTENT_TYPE_UNSUPPORTED' });
    }
  });

  it('must be given with a body', async () => {
    const bytes = JSON.stringify(body);

    const answer = await rawRequest(
      port,
      `POST /api/v1/users HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes.length}\r\nConnection: close\r\n\r\n${bytes}`,
    );

    expect(answer).toMatch(/^HTTP\/1\.1 415 /);
  });

  it.each(['application/json; charset=utf-8', 'APPLICATION/JSON;charset="UTF-8"'])('%s is read', async (type) => {
    const answer = await register('{}', { 'content-type': type });

    expect(answer.json()).toMatchObject({ code: 'REQUEST_INVALID' });
  });
});

describe('an address', () => {
  it.each(['/', '/api', '/api/v1', '/api/v1/nobody', '/API/v1/users'])('%s that nobody serves is 404', async (url) => {
    const answer = await app.inject(url);

    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: 'ROUTE_NOT_FOUND' });
  });

  it.each([
    ['PUT', PATH, 'GET, HEAD, PATCH, DELETE'],
    ['OPTIONS', PATH, 'GET, HEAD, PATCH, DELETE'],
    ['DELETE', '/api/v1/users?a=b', 'GET, HEAD, POST'],
    ['GET', '/api/v1/auth/login', 'POST'],
  ] as const)('does not take %s %s and says what it takes', async (method, url, allow) => {
    const answer = await app.inject({ method, url });

    expect(answer.statusCode).toBe(405);
    expect(answer.headers.allow).toBe(allow);
    expect(answer.json()).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
  });

  it.each([`/api/v1/users/${'a'.repeat(200)}`, `/api/v1/users?cursor=${'a'.repeat(2048)}`])(
    'may be too long',
    async (url) => {
      const answer = await app.inject({ url, headers: { authorization } });

      expect(answer.statusCode).toBe(414);
      expect(answer.json()).toMatchObject({ code: 'URI_TOO_LONG' });
    },
  );

  it('must be decodable', async () => {
    const answer = await app.inject('/api/v1/users/%zz');

    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'REQUEST_MALFORMED' });
  });

  it.each(['1', 'me', '0198c0de7a3e7b5c9d1f2a6b8c4e0f13', `${USER_ID}x`, '%00', '..%2f'])(
    'with the id %s is a user that nobody has',
    async (id) => {
      const answer = await app.inject({ url: `/api/v1/users/${id}`, headers: { authorization } });

      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({ code: 'USER_NOT_FOUND' });
    },
  );
});

describe('a query', () => {
  const cursorOfAnotherList = Buffer.from(`orders:1:${USER_ID}`).toString('base64url');

  it.each([
    ['?limit=0', '/limit'],
    ['?limit=101', '/limit'],
    ['?limit=ten', '/limit'],
    ['?limit=1.5', '/limit'],
    ['?limit=-1', '/limit'],
    ['?limit=1&limit=2', '/limit'],
    ['?limit=', '/limit'],
    ['?cursor=a&cursor=b', '/cursor'],
    ['?offset=1', '/offset'],
    ['?__proto__=1', '/__proto__'],
    ['?cursor=not-one', '/cursor'],
    ['?cursor=', '/cursor'],
    [`?cursor=${cursorOfAnotherList}`, '/cursor'],
  ])('%s is refused with its place', async (query, pointer) => {
    const answer = await app.inject({ url: `/api/v1/users${query}`, headers: { authorization } });

    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ errors: [{ pointer }] });
  });

  it('is refused where none is taken', async () => {
    const answer = await app.inject({ url: `${PATH}?fields=name`, headers: { authorization } });

    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ errors: [{ pointer: '/fields' }] });
  });
});

describe('headers', () => {
  const get = (...lines: string[]) =>
    rawRequest(port, [`GET ${PATH} HTTP/1.1`, ...lines, 'Connection: close', '', ''].join('\r\n'));

  it.each([
    ['authorization', ['Host: a', 'Authorization: Bearer a', 'authorization: Bearer b']],
    ['idempotency-key', ['Host: a', 'Idempotency-Key: a', 'Idempotency-Key: a']],
    ['if-match', ['Host: a', 'If-Match: "1"', 'IF-MATCH: "2"']],
    ['content-type', ['Host: a', 'Content-Type: application/json', 'Content-Type: text/plain']],
    ['host', ['Host: a', 'Host: b']],
  ])('refuse a second %s', async (name, lines) => {
    const answer = await get(...lines);

    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(bodyOf(answer)).toMatchObject({
      code: 'HEADER_DUPLICATED',
      detail: `The header ${name} was sent more than once.`,
    });
  });

  it('that are too large are 431, as a problem', async () => {
    const answer = await get('Host: a', `X-Long: ${'a'.repeat(9000)}`);

    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer.toLowerCase()).toContain('content-type: application/problem+json');
    expect(bodyOf(answer)).toMatchObject({ code: 'HEADERS_TOO_LARGE', status: 431 });
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['a bad header', `GET ${PATH} HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n`],
    ['two lengths', 'POST /api/v1/users HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    [
      'a length and chunks',
      'POST /api/v1/users HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
  ])('that can not be read are 400, as a problem: %s', async (_name, bytes) => {
    const answer = await rawRequest(port, bytes);

    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(bodyOf(answer)).toMatchObject({ code: 'REQUEST_MALFORMED' });
  });

  it('need If-Match for a change', async () => {
    const answer = await app.inject({
      method: 'PATCH',
      url: PATH,
      headers: { authorization },
      payload: { name: 'Ann' },
    });

    expect(answer.statusCode).toBe(428);
    expect(answer.json()).toMatchObject({ code: 'PRECONDITION_REQUIRED' });
  });

  it.each(['"one"', '*', 'W/"1"'])('refuse If-Match: %s', async (ifMatch) => {
    const headers = { authorization, 'if-match': ifMatch };

    const answer = await app.inject({ method: 'PATCH', url: PATH, headers, payload: { name: 'Ann' } });

    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'HEADER_INVALID' });
  });

  it.each(['', 'a b', 'a'.repeat(256)])('refuse Idempotency-Key: %s', async (key) => {
    const answer = await register(JSON.stringify(body), { ...json, 'idempotency-key': key });

    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'HEADER_INVALID' });
  });
});
