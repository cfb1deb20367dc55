// Requests that are rejected before a use case runs: the use cases of these servers throw when they are called.

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
    listUsers: makeListUsers({
      directory: { list: () => Promise.resolve([]) },
      telemetry: { usersListed: () => undefined },
    }),
    logOut: () => Promise.resolve(),
    eraseUser: () => Promise.resolve(),
    options: { bodyLimitBytes: 1024 },
  });
  port = await listen(app);
});
afterAll(() => app.close());

const register = (payload: string, headers: Record<string, string> = json) =>
  app.inject({ method: 'POST', url: '/api/v1/users', headers, payload });

describe('a request body', () => {
  it.each(['{', '', '{"a":1}x', 'null,', "{'a':1}", '\u{feff}{'])(
    'that is not JSON is rejected: %j',
    async (payload) => {
      const response = await register(payload);

      expect(response.statusCode).toBe(400);
      expect(response.headers['content-type']).toContain('application/problem+json');
    },
  );

  it('that is not UTF-8 is rejected', async () => {
    const payload = Buffer.from([...Buffer.from('{"username":"'), 0xff, ...Buffer.from('"}')]);

    const response = await app.inject({ method: 'POST', url: '/api/v1/users', headers: json, payload });

    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'BODY_UNREADABLE' });
  });

  it.each(['null', '[]', '"text"', '1', 'true'])('that is not an object is rejected: %s', async (payload) => {
    const response = await register(payload);

    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ errors: [{ pointer: '', detail: 'must be an object' }] });
  });

  it('gets every fault of its shape at once', async () => {
    const response = await register(JSON.stringify({ username: 1, name: null, email: 'a', admin: true, 'a/b': 1 }));

    expect(response.statusCode).toBe(400);
    expect(response.json<{ errors: unknown[] }>().errors).toEqual(
      expect.arrayContaining([
        { pointer: '/username', detail: 'must be a string' },
        { pointer: '/name', detail: 'must be a string' },
        { pointer: '/password', detail: 'is required' },
        { pointer: '/admin', detail: 'is not a known field' },
        { pointer: '/a~1b', detail: 'is not a known field' },
      ]),
    );
  });

  it('gets at most 20 faults of its shape', async () => {
    const unknown = Object.fromEntries(Array.from({ length: 40 }, (_, place) => [`field${place}`, 1]));

    const response = await register(JSON.stringify(unknown));

    expect(response.statusCode).toBe(400);
    expect(response.json<{ errors: unknown[] }>().errors).toHaveLength(20);
  });

  it('of many values is rejected without a look at the rest', async () => {
    const response = await register(JSON.stringify(Array.from({ length: 120 }, () => 1)));

    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({
      errors: [{ pointer: '', detail: 'must not contain more than 100 values' }],
    });
  });

  it.each([
    ['a NUL character', String.raw`{"name":"a\u0000"}`, '/name'],
    ['half of a surrogate pair', String.raw`{"name":"\ud800"}`, '/name'],
    ['__proto__', '{"__proto__":{"admin":true}}', '/__proto__'],
    ['constructor', '{"constructor":{"prototype":{"admin":true}}}', '/constructor'],
  ])('with %s is rejected, with its location', async (_name, payload, pointer) => {
    const response = await register(payload);

    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'REQUEST_INVALID', errors: [{ pointer }] });
  });

  it('that is too large is rejected with 413', async () => {
    const response = await register(JSON.stringify({ ...body, name: 'a'.repeat(1024) }));

    expect(response.statusCode).toBe(413);
    expect(response.json()).toMatchObject({ code: 'BODY_TOO_LARGE' });
  });

  it('of chunks that exceed the limit is rejected with 413', async () => {
    const chunk = `400\r\n${'a'.repeat(1024)}\r\n`;

    const response = await rawRequest(
      port,
      `POST /api/v1/users HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunk}${chunk}0\r\n\r\n`,
    );

    expect(response).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('without changes is rejected', async () => {
    const response = await app.inject({
      method: 'PATCH',
      url: PATH,
      headers: { ...json, authorization, 'if-match': '"1"' },
      payload: '{}',
    });

    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ errors: [{ pointer: '', detail: 'must have at least one field' }] });
  });
});

describe('a content type', () => {
  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=a',
    'application/json; charset=utf-16',
    'application/json; charset=latin1',
    'application/json; charset=utf-8, text/plain',
    'application/json; charset="utf-16"',
    'application/json; charset=""',
    'application/json; Charset=ISO-8859-1; charset=utf-8',
    'application/jsonp',
    'application/json-patch+json',
    'application/problem+json',
    'application/*',
    '*/*',
    'json',
    'application/json, text/plain',
    'application/ json',
    'text/json',
  ])('%s is rejected with 415, with or without a body', async (type) => {
    for (const payload of [JSON.stringify(body), '']) {
      const response = await register(payload, { 'content-type': type });

      expect(response.statusCode).toBe(415);
      expect(response.json()).toMatchObject({ code: 'CONTENT_TYPE_UNSUPPORTED' });
    }
  });

  const NOTHING: [name: string, lines: string][] = [
    ['no length', ''],
    ['the length 0', 'Content-Length: 0\r\n'],
  ];
  const TYPES = ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=a', 'nonsense', ''];
  it.each(NOTHING)('is ignored with %s, where no body is required', async (_name, lines) => {
    for (const type of TYPES) {
      for (const target of ['POST /api/v1/auth/logout', `DELETE ${PATH}`]) {
        const response = await rawRequest(
          port,
          `${target} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nContent-Type: ${type}\r\n${lines}Connection: close\r\n\r\n`,
        );

        expect(response).toMatch(/^HTTP\/1\.1 204 /);
      }
    }
  });

  it('is not ignored with a body, where none is required', async () => {
    const response = await app.inject({
      method: 'POST',
      url: '/api/v1/auth/logout',
      headers: { authorization, 'content-type': 'text/plain' },
      payload: 'a',
    });

    expect(response.statusCode).toBe(415);
  });

  it('is required with a body', async () => {
    const bytes = JSON.stringify(body);

    const response = await rawRequest(
      port,
      `POST /api/v1/users HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes.length}\r\nConnection: close\r\n\r\n${bytes}`,
    );

    expect(response).toMatch(/^HTTP\/1\.1 415 /);
  });

  it.each([
    'application/json; charset=utf-8',
    'APPLICATION/JSON;charset="UTF-8"',
    'application/json;charset=utf8',
    'application/json;',
    'application/json; ;',
    'application/json;;charset=utf-8;',
    'application/json\t;\tcharset=utf-8',
    'application/json ; Charset=Utf-8',
    'application/json; charset="\\utf-8"',
    'application/json; profile=a',
    'application/json; profile="a; charset=latin1"; charset=utf-8',
  ])('%s is accepted', async (type) => {
    const response = await register('{}', { 'content-type': type });

    expect(response.json()).toMatchObject({ code: 'REQUEST_INVALID' });
  });
});

describe('a path', () => {
  it.each(['/', '/api', '/api/v1', '/api/v1/unknown', '/API/v1/users'])('%s without a route gets 404', async (url) => {
    const response = await app.inject(url);

    expect(response.statusCode).toBe(404);
    expect(response.json()).toMatchObject({ code: 'ROUTE_NOT_FOUND' });
  });

  it.each([
    ['PUT', PATH, 'GET, HEAD, PATCH, DELETE'],
    ['OPTIONS', PATH, 'GET, HEAD, PATCH, DELETE'],
    ['DELETE', '/api/v1/users?a=b', 'GET, HEAD, POST'],
    ['GET', '/api/v1/auth/login', 'POST'],
  ] as const)('gets 405 with Allow for an unsupported method: %s %s', async (method, url, allow) => {
    const response = await app.inject({ method, url });

    expect(response.statusCode).toBe(405);
    expect(response.headers.allow).toBe(allow);
    expect(response.json()).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
  });

  it.each([`/api/v1/users/${'a'.repeat(200)}`, `/api/v1/users?cursor=${'a'.repeat(2048)}`])(
    'that is too long gets 414',
    async (url) => {
      const response = await app.inject({ url, headers: { authorization } });

      expect(response.statusCode).toBe(414);
      expect(response.json()).toMatchObject({ code: 'URI_TOO_LONG' });
    },
  );

  it('that can not be decoded gets 400', async () => {
    const response = await app.inject('/api/v1/users/%zz');

    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'REQUEST_MALFORMED' });
  });

  it.each(['1', 'me', '0198c0de7a3e7b5c9d1f2a6b8c4e0f13', `${USER_ID}x`, '%00', '..%2f'])(
    'with the id %s gets 404',
    async (id) => {
      const response = await app.inject({ url: `/api/v1/users/${id}`, headers: { authorization } });

      expect(response.statusCode).toBe(404);
      expect(response.json()).toMatchObject({ code: 'USER_NOT_FOUND' });
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
  ])('%s is rejected with its location', async (query, pointer) => {
    const response = await app.inject({ url: `/api/v1/users${query}`, headers: { authorization } });

    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ errors: [{ pointer }] });
  });

  it('gets at most 20 faults', async () => {
    const query = Array.from({ length: 200 }, (_, place) => `f${place}=1`).join('&');

    const response = await app.inject({ url: `/api/v1/users?${query}`, headers: { authorization } });

    expect(response.statusCode).toBe(400);
    expect(response.json<{ errors: unknown[] }>().errors).toHaveLength(20);
  });

  it('is rejected on a route without query parameters', async () => {
    const response = await app.inject({ url: `${PATH}?fields=name`, headers: { authorization } });

    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ errors: [{ pointer: '/fields' }] });
  });
});

describe('request headers', () => {
  const get = (...lines: string[]) =>
    rawRequest(port, [`GET ${PATH} HTTP/1.1`, ...lines, 'Connection: close', '', ''].join('\r\n'));

  it.each([
    ['authorization', ['Host: a', 'Authorization: Bearer a', 'authorization: Bearer b']],
    ['idempotency-key', ['Host: a', 'Idempotency-Key: a', 'Idempotency-Key: a']],
    ['if-match', ['Host: a', 'If-Match: "1"', 'IF-MATCH: "2"']],
    ['content-type', ['Host: a', 'Content-Type: application/json', 'Content-Type: text/plain']],
    ['host', ['Host: a', 'Host: b']],
  ])('are rejected with a second %s', async (name, lines) => {
    const response = await get(...lines);

    expect(response).toMatch(/^HTTP\/1\.1 400 /);
    expect(bodyOf(response)).toMatchObject({
      code: 'HEADER_DUPLICATED',
      detail: `The header ${name} was sent more than once.`,
    });
  });

  it('that are too large get 431, as a problem document', async () => {
    const response = await get('Host: a', `X-Long: ${'a'.repeat(9000)}`);

    expect(response).toMatch(/^HTTP\/1\.1 431 /);
    expect(response.toLowerCase()).toContain('content-type: application/problem+json');
    expect(bodyOf(response)).toMatchObject({ code: 'HEADERS_TOO_LARGE', status: 431 });
  });

  it.each([
    ['not HTTP', 'hello\r\n\r\n'],
    ['a bad header', `GET ${PATH} HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n`],
    ['two lengths', 'POST /api/v1/users HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    [
      'a length and chunks',
      'POST /api/v1/users HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
  ])('that can not be parsed get 400, as a problem document: %s', async (_name, bytes) => {
    const response = await rawRequest(port, bytes);

    expect(response).toMatch(/^HTTP\/1\.1 400 /);
    expect(bodyOf(response)).toMatchObject({ code: 'REQUEST_MALFORMED' });
  });

  it('must include If-Match for a change', async () => {
    const response = await app.inject({
      method: 'PATCH',
      url: PATH,
      headers: { authorization },
      payload: { name: 'Ann' },
    });

    expect(response.statusCode).toBe(428);
    expect(response.json()).toMatchObject({ code: 'PRECONDITION_REQUIRED' });
  });

  it.each(['one', '*', '"1", "2"'])('are rejected with If-Match: %s', async (ifMatch) => {
    const headers = { authorization, 'if-match': ifMatch };

    const response = await app.inject({ method: 'PATCH', url: PATH, headers, payload: { name: 'Ann' } });

    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'HEADER_INVALID' });
  });

  it.each(['', 'a b', 'a'.repeat(256)])('are rejected with Idempotency-Key: %s', async (key) => {
    const response = await register(JSON.stringify(body), { ...json, 'idempotency-key': key });

    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'HEADER_INVALID' });
  });
});
