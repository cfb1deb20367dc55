// Whatever a caller without credentials sends, the service is not at fault: no response of 500 or above, no line above `info`.

import { METHODS } from 'node:http';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { AuthError } from '../../../src/auth/errors.ts';
import type { Api } from '../../../src/http/api.ts';
import { makeFakeServer, makeRecorder, USER_ID } from '../../support/http/fake-deps.ts';
import { listen, rawRequest } from '../../support/http/raw-request.ts';

const LONG = 'a'.repeat(300);
const PATHS = [
  ...[
    '/',
    '//',
    '*',
    '/.',
    '/..',
    '/../..',
    '/%',
    '/%zz',
    '/%00',
    '/%c3',
    '/%ff',
    '/%2e%2e',
    '/%2f',
    '/a%20b',
    '/\u00e9',
    '/?',
    '/#',
  ],
  ...['/?a=%zz', '/?__proto__=1', '/?a[]=1&a[0]=2', '/;a=1', '/unroutable', `/${LONG}`, '/constructor', '/__proto__'],
  ...[
    'https://a/',
    'https://a/docs',
    'https://[',
    '//a/b',
    '\\\\a',
    '/docs',
    '/docs/',
    '/docs/x',
    '/docs/static',
    '/docs/static/',
  ],
  ...[
    '%00',
    '../x',
    '%2e%2e/x',
    '..%2f..%2fetc%2fpasswd',
    LONG,
    '%zz',
    '%',
    'index.html',
    'a\\b',
    '?a=%zz',
    '*',
    '__proto__',
  ].map((name) => `/docs/static/${name}`),
  ...[
    '/docs/json',
    '/docs/yaml',
    '/openapi.json',
    '/openapi.json?a=1',
    '/problems/',
    `/problems/${LONG}`,
    '/problems/%00',
  ],
  ...[
    '/problems/__proto__',
    '/.well-known/jwks.json',
    '/.well-known/%zz',
    '/metrics',
    '/health/ready',
    '/api/v1/users',
  ],
  ...['', '%00', '%zz', LONG, '..', USER_ID, `${USER_ID}/password`, `${USER_ID}/%00`].map(
    (id) => `/api/v1/users/${id}`,
  ),
  ...['login', 'refresh', 'logout', 'token', 'x'].map((name) => `/api/v1/auth/${name}`),
  ...['', '/x', '/%00', '?limit=%00', '?cursor=%ff'].map((rest) => `/api/v1/orders${rest}`),
];

const HEADERS = [
  ...[
    'Accept: nonsense',
    'Accept-Encoding: *;q=0, gzip;q=nonsense',
    'Accept-Encoding: ',
    'Accept-Version: 1',
    'Expect: nonsense',
  ],
  ...[
    'Authorization: ',
    'Authorization: Bearer',
    'Authorization: Bearer \u00e9',
    'Authorization: Basic YTpi',
    'Connection: upgrade, close',
  ],
  ...[
    'Content-Type: ',
    'Content-Type: /',
    'Content-Type: application/json; charset="',
    'Content-Encoding: gzip',
    'Content-Length: 0',
  ],
  ...[
    'Cookie: __proto__=1',
    'Host: ',
    'Host: a b',
    'Idempotency-Key: \u00e9',
    'If-Match: \u00e9',
    'If-None-Match: "',
    'If-None-Match: *',
  ],
  ...[
    'If-Modified-Since: nonsense',
    'Range: bytes=0-',
    'Range: bytes=9999999-',
    'Range: nonsense',
    'Origin: null',
    'Referer: \u00e9',
  ],
  ...[
    'Upgrade: websocket\r\nConnection: upgrade',
    'Upgrade: h2c\r\nConnection: upgrade',
    'X-Forwarded-For: nonsense',
    'Forwarded: for="',
  ],
  ...[
    'Transfer-Encoding: gzip',
    'Transfer-Encoding: chunked\r\nContent-Length: 1',
    'Trailer: a',
    'TE: trailers',
    'Traceparent: nonsense',
  ],
  ...['__proto__: 1', 'constructor: 1', ': a', ' a: b', 'a', `${LONG}: a`, 'A: \u0000', 'A: a\rb'],
];

const BODIES = [
  ...[
    '',
    '{',
    'null',
    '[]',
    '""',
    '1e999',
    '{"a":1}',
    '{"__proto__":1}',
    '[[[[[[[[[[[[]]]]]]]]]]]]',
    '{"login":"\\u0000","password":"\\ud800"}',
  ],
  ...[
    '{"login":1,"password":[]}',
    '{"grant_type":"x"}',
    '{"refresh_token":"."}',
    'a=b',
    '\u00ff',
    '"'.repeat(1000),
    '{"a":'.repeat(2000),
  ],
];

const { lines, ...recorder } = makeRecorder();
let app: Api;
let port: number;
beforeAll(async () => {
  const refuse = () => Promise.reject(new AuthError('CREDENTIALS_WRONG', ''));
  app = await makeFakeServer({
    ...recorder,
    verifyAccessToken: () => Promise.reject(new AuthError('TOKEN_INVALID', '')),
    logIn: refuse,
    refreshSession: refuse,
    issueClientToken: refuse,
    registerUser: refuse,
  });
  port = await listen(app);
});
afterAll(() => app.close());

/** Bytes as they are: one byte for each character. */
const send = (head: string, body = ''): Promise<string> =>
  rawRequest(port, Buffer.from(`${head}\r\nConnection: close\r\n\r\n${body}`, 'latin1'));

const expectNoFault = async (requests: readonly Promise<string>[]): Promise<void> => {
  const responses = await Promise.all(requests);
  expect(responses.filter((response) => response.startsWith('HTTP/1.1 5'))).toEqual([]);
  expect(responses.filter((response) => /^HTTP\/1\.1 [234]/.test(response)).length).toBeGreaterThan(0);
  expect(lines.splice(0).filter(({ level }) => level !== 'info')).toEqual([]);
};

it.each(PATHS)('no anonymous request for %j is a fault of the service', async (path) => {
  await expectNoFault(
    ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS'].map((method) => send(`${method} ${path} HTTP/1.1\r\nHost: a`)),
  );
});

it.each(HEADERS)('no anonymous request with %j is a fault of the service', async (header) => {
  const targets = [
    'GET /docs/static/swagger-ui.css',
    'GET /openapi.json',
    `GET /api/v1/users/${USER_ID}`,
    'POST /api/v1/auth/login',
    'POST /api/v1/auth/logout',
    'GET /none',
  ];

  await expectNoFault(targets.map((target) => send(`${target} HTTP/1.1\r\nHost: a\r\n${header}`)));
});

it.each(BODIES)('no anonymous request with the body %j is a fault of the service', async (body) => {
  const targets = ['users', 'auth/login', 'auth/refresh', 'auth/token', 'auth/logout', 'orders'];
  const head = `HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;

  await expectNoFault(targets.map((target) => send(`POST /api/v1/${target} ${head}`, body)));
});

it.each([...METHODS, 'NONE', 'get'])(
  'no anonymous request with the method %s is a fault of the service',
  async (method) => {
    await expectNoFault(
      ['/docs', '/api/v1/users', '/%zz', 'a:80'].map((path) => send(`${method} ${path} HTTP/1.1\r\nHost: a`)),
    );
  },
);
