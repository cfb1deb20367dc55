// Every request that began leaves exactly one log line and one histogram sample, however it ends.

import { afterEach, describe, expect, it } from 'vitest';

import type { Api } from '../../../src/http/api.ts';
import type { LimitKey } from '../../../src/rate-limit/ports.ts';
import { eventually } from '../../support/eventually.ts';
import {
  makeFakeServer,
  makeRecorder,
  USER_ID,
  userRepresentation,
  type FakeDeps,
} from '../../support/http/fake-deps.ts';
import { bodyOf, listen, openSocket, rawRequest } from '../../support/http/raw-request.ts';

const PATH = `/api/v1/users/${USER_ID}`;
const get = (target: string, ...lines: string[]): string =>
  [`GET ${target} HTTP/1.1`, 'Host: a', 'Authorization: Bearer a', ...lines, '', ''].join('\r\n');
const post = (length: number, body: string): string =>
  `POST /api/v1/users HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`;

let app: Api | undefined;
const serve = async (deps: FakeDeps = {}) => {
  const { lines, samples, ...recorder } = makeRecorder();
  app = await makeFakeServer({ ...recorder, readUser: () => Promise.resolve(userRepresentation), ...deps });
  const port = await listen(app);
  const sorted = (statuses: readonly number[]) => statuses.toSorted((a, b) => a - b);
  const statuses = () => sorted(lines.map(({ fields }) => Number(fields.status)));
  /** Resolves when exactly these requests were logged and measured, and the server has closed without another one. */
  const left = async (...expected: number[]): Promise<void> => {
    await eventually(() => {
      expect(statuses()).toEqual(expected);
    });
    await app?.close();
    expect(statuses()).toEqual(expected);
    expect(sorted(samples.map(({ status }) => Number(status)))).toEqual(expected);
    expect(lines.filter(({ level }) => level !== 'info')).toEqual([]);
    for (const { fields } of lines)
      expect(Object.keys(fields)).toEqual(expect.arrayContaining(['method', 'route', 'requestId']));
  };
  return { port, lines, left };
};
afterEach(async () => {
  await app?.close();
  app = undefined;
});

/** A use case that has begun and never ends. */
const makeEndless = () => {
  const { promise: began, resolve } = Promise.withResolvers<undefined>();
  const useCase = () => {
    resolve(undefined);
    return new Promise<never>(() => undefined);
  };
  return { began, useCase };
};

describe('a request that its caller gives up', () => {
  it.each(['end', 'destroy', 'resetAndDestroy'] as const)(
    'while it is served is logged as 499 (%s)',
    async (giveUp) => {
      const { began, useCase } = makeEndless();
      const { port, left } = await serve({ readUser: useCase });
      const { socket } = await openSocket(port, get(PATH));
      await began;

      // eslint-disable-next-line security/detect-object-injection -- a name of the table
      socket[giveUp]();

      await left(499);
    },
  );

  it.each(['end', 'destroy', 'resetAndDestroy'] as const)(
    'while its body is sent is logged as 499 (%s)',
    async (giveUp) => {
      const { port, left } = await serve();
      const { socket } = await openSocket(port, post(100, '{'));
      await eventually(() => {
        expect(socket.bytesWritten).toBeGreaterThan(0);
      });
      // a later connection is served: the first one was accepted and read
      await rawRequest(port, get('/none', 'Connection: close'));

      // eslint-disable-next-line security/detect-object-injection -- a name of the table
      socket[giveUp]();

      await left(404, 499);
    },
  );

  it('after its whole body was sent is logged as 499', async () => {
    const { began, useCase } = makeEndless();
    const { port, left } = await serve({ logIn: useCase });
    const body = JSON.stringify({ login: 'ann', password: 'x' });
    const { socket } = await openSocket(port, post(body.length, body).replace('/users', '/auth/login'));
    await began;

    socket.destroy();

    await left(499);
  });

  it('with others behind it on the same connection is logged as 499, as they are', async () => {
    const { began, useCase } = makeEndless();
    const { port, left } = await serve({ readUser: useCase });
    const { socket } = await openSocket(port, get(PATH).repeat(3));
    await began;

    socket.destroy();

    await left(499, 499, 499);
  });

  it('and whose work completes afterwards is logged once', async () => {
    const { promise, resolve } = Promise.withResolvers<typeof userRepresentation>();
    const { promise: began, resolve: begin } = Promise.withResolvers<undefined>();
    const { port, lines, left } = await serve({ readUser: () => (begin(undefined), promise) });
    const { socket } = await openSocket(port, get(PATH));
    await began;
    socket.destroy();
    await eventually(() => {
      expect(lines).toHaveLength(1);
    });

    resolve(userRepresentation);
    await promise;

    await left(499);
  });

  it('and that passes its deadline afterwards is logged once', async () => {
    const { began, useCase } = makeEndless();
    const { port, left } = await serve({ readUser: useCase, options: { requestTimeoutMs: 100 } });
    const { socket } = await openSocket(port, get(PATH));
    await began;
    socket.destroy();
    // a later request that passes its deadline shows that the first one did
    await rawRequest(port, get(PATH, 'Connection: close'));

    await left(499, 503);
  });
});

const refusals: [name: string, bytes: string, status: number, code: string][] = [
  ['a path that can not be decoded', get('/%zz', 'Connection: close'), 400, 'REQUEST_MALFORMED'],
  [
    'a path that can not be decoded below a route',
    get('/api/v1/users/%zz', 'Connection: close'),
    400,
    'REQUEST_MALFORMED',
  ],
  ['half of a UTF-8 sequence', get('/api/v1/users/%c3', 'Connection: close'), 400, 'REQUEST_MALFORMED'],
  ['a long part of a path', get(`/api/v1/users/${'a'.repeat(300)}`, 'Connection: close'), 414, 'URI_TOO_LONG'],
  ['a long path', get(`/${'a'.repeat(3000)}`, 'Connection: close'), 414, 'URI_TOO_LONG'],
  ['no path', 'GET\r\n\r\n', 400, 'REQUEST_MALFORMED'],
  ['what is not HTTP', 'hello\r\n\r\n', 400, 'REQUEST_MALFORMED'],
  ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'REQUEST_MALFORMED'],
  ['an invalid header', get('/', 'Bad Header: x'), 400, 'REQUEST_MALFORMED'],
  ['large headers', get('/', `X-Long: ${'a'.repeat(9000)}`), 431, 'HEADERS_TOO_LARGE'],
  ['no Host', `GET ${PATH} HTTP/1.1\r\nConnection: close\r\n\r\n`, 400, 'REQUEST_MALFORMED'],
  ['an unknown expectation', get(PATH, 'Expect: a miracle', 'Connection: close'), 417, 'EXPECTATION_FAILED'],
  ['a tunnel', 'CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n', 400, 'REQUEST_MALFORMED'],
  [
    'an invalid chunk',
    'POST /api/v1/users HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n',
    400,
    'REQUEST_MALFORMED',
  ],
];

describe('a request that is refused before it has a route', () => {
  it.each(refusals)(
    'is logged and measured once, and gets a problem document: %s',
    async (_name, bytes, status, code) => {
      const { port, left } = await serve();

      const response = await rawRequest(port, bytes);

      expect(response.match(/HTTP\/1\.1 \d+/g)).toEqual([`HTTP/1.1 ${status}`]);
      expect(response.toLowerCase()).toContain('content-type: application/problem+json');
      expect(response.toLowerCase()).toContain('x-content-type-options: nosniff');
      expect(bodyOf(response)).toMatchObject({ status, code });
      await left(status);
    },
  );

  it.each(refusals)('counts in the general limit: %s', async (_name, bytes) => {
    const keys: string[] = [];
    const generalLimit = {
      take: (all: readonly LimitKey[]) => (
        keys.push(...all.map(({ key }) => key)),
        { allowed: false, remaining: 0, retryAfterSeconds: 3 }
      ),
    };
    const { port, left } = await serve({ generalLimit });

    const response = await rawRequest(
      port,
      bytes.replace('Connection: close\r\n', '').replace(/\r\n\r\n$/, '\r\nConnection: close\r\n\r\n'),
    );

    expect(response).toMatch(/^HTTP\/1\.1 429 [^]*retry-after: 3/i);
    expect(keys).toEqual(['127.0.0.1']);
    await left(429);
  });

  it('counts for the caller that a trusted proxy names', async () => {
    const keys: string[] = [];
    const generalLimit = {
      take: (all: readonly LimitKey[]) => (
        keys.push(...all.map(({ key }) => key)),
        { allowed: true, remaining: 1, retryAfterSeconds: 0 }
      ),
    };
    const { port } = await serve({ generalLimit, options: { trustProxy: ['127.0.0.1'] } });

    await rawRequest(port, get('/%zz', 'X-Forwarded-For: 192.0.2.1', 'Connection: close'));
    await rawRequest(port, 'hello\r\n\r\n');

    expect(keys).toEqual(['192.0.2.1']);
  });

  it('waits for the response to the request before it', async () => {
    const { promise, resolve } = Promise.withResolvers<typeof userRepresentation>();
    const { promise: began, resolve: begin } = Promise.withResolvers<undefined>();
    const { port, left, lines } = await serve({ readUser: () => (begin(undefined), promise) });
    const response = rawRequest(port, `${get(PATH)}nonsense\r\n\r\n`);
    await began;
    await eventually(() => {
      expect(lines).toHaveLength(1);
    });

    resolve(userRepresentation);

    expect((await response).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
    await left(200, 400);
  });

  it('does not include a connection that was opened in advance', async () => {
    const { port, left } = await serve();
    const { socket } = await openSocket(port);
    socket.destroy();
    await rawRequest(port, get('/none', 'Connection: close'));

    await left(404);
  });
});

it('HTTP/1.0 needs no Host', async () => {
  const { port, left } = await serve();

  const response = await rawRequest(port, `GET ${PATH} HTTP/1.0\r\nAuthorization: Bearer a\r\n\r\n`);

  expect(response).toMatch(/^HTTP\/1\.1 200 /);
  await left(200);
});
