import { afterEach, describe, expect, it } from 'vitest';

import {
  makeUserServiceClient,
  ProblemError,
  TimeoutError,
  UnreachableError,
  UnexpectedResponseError,
  UserServiceError,
  type ClientOptions,
} from '../src/user-service-client.ts';
import {
  closesConnection,
  closesMidResponse,
  neverResponds,
  problem,
  responds,
  stallsMidResponse,
  startProvider,
  type Provider,
} from './provider.ts';

const ID = '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f13';
const USER = { id: ID, username: 'ann', name: 'Ann', email: 'ann@example.com', createdAt: '', updatedAt: '' };
const BODY = { username: 'ann', name: 'Ann', email: 'ann@example.com', password: 'three quiet rivers' };

let provider: Provider;
afterEach(() => provider.close());

const connect = async (responders: Parameters<typeof startProvider>, options: Partial<ClientOptions> = {}) => {
  provider = await startProvider(...responders);
  return makeUserServiceClient({
    baseUrl: provider.baseUrl,
    getAccessToken: () => Promise.resolve('token'),
    ...options,
  });
};

const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a call', () => {
  it('returns status, body and headers', async () => {
    const client = await connect([responds(200, USER, { etag: '"1"' })]);

    const { status, body, headers } = await client.readUser({ id: ID });

    expect({ status, body, etag: headers.etag }).toEqual({ status: 200, body: USER, etag: '"1"' });
    expect(provider.requests).toMatchObject([
      { method: 'GET', url: `/api/v1/users/${ID}`, headers: { authorization: 'Bearer token' } },
    ]);
  });

  it('sends its body as JSON, and its options as headers', async () => {
    const client = await connect([responds(200, USER)]);

    await client.changeProfile({ id: ID }, { name: 'Ann' }, { ifMatch: '"1"' });

    const [{ method, headers, body } = { method: '', headers: {}, body: '' }] = provider.requests;
    expect({ method, body }).toEqual({ method: 'PATCH', body: '{"name":"Ann"}' });
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'if-match': '"1"' });
  });

  it('sends query parameters', async () => {
    const client = await connect([responds(200, { items: [] })]);

    await client.listOrders({ limit: 5, cursor: 'a&b' });
    await client.listOrders();

    expect(provider.requests.map(({ url }) => url)).toEqual(['/api/v1/orders?limit=5&cursor=a%26b', '/api/v1/orders']);
  });

  it('sends no token to an operation that needs none', async () => {
    const client = await connect([responds(201, USER)]);

    await client.registerUser(BODY);

    expect(provider.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('returns no body for a response without one', async () => {
    const client = await connect([(response) => response.writeHead(304, { etag: '"1"' }).end()]);

    expect(await client.readUser({ id: ID }, { ifNoneMatch: '"1"' })).toMatchObject({ status: 304, body: undefined });
  });

  it.each(['', '.', '..'])('rejects the id %j, which would change the path', async (id) => {
    const client = await connect([responds(200, USER)]);

    await expect(client.readUser({ id })).rejects.toThrow(TypeError);
    expect(provider.requests).toEqual([]);
  });

  it('encodes a slash in an id', async () => {
    const client = await connect([problem(404, 'USER_NOT_FOUND')]);

    await failure(client.readUser({ id: '../orders?limit=1' }));

    expect(provider.requests[0]?.url).toBe('/api/v1/users/..%2Forders%3Flimit%3D1');
  });
});

describe('an error response', () => {
  it('throws a ProblemError with the problem document', async () => {
    const client = await connect([problem(404, 'USER_NOT_FOUND')]);

    const error = await failure(client.readUser({ id: ID }));

    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({
      operation: 'readUser',
      status: 404,
      problem: { code: 'USER_NOT_FOUND', traceId: 'abc' },
      message: 'readUser: 404 USER_NOT_FOUND',
    });
  });
});

describe('an undocumented response throws an UnexpectedResponseError:', () => {
  const html = { 'content-type': 'text/html' };
  it.each([
    ['an HTML page', responds(200, '<html>', html)],
    ['truncated JSON', responds(200, '{"id":')],
    ['an empty body', responds(200, '')],
    ['null', responds(200, 'null')],
    ['an array', responds(200, '[]')],
    ['invalid UTF-8', responds(200, Buffer.from('{"id":"\xff"}', 'latin1'))],
    ['a body over the size limit', responds(200, { id: 'a'.repeat(2_000_000) })],
    ['an undocumented success status', responds(201, USER)],
    ['a redirect', responds(302, '', { location: 'https://192.0.2.1/' })],
    ['a proxy’s 502', responds(502, '<html>', html)],
    ['an error response that is application/json', responds(404, { error: 'no' })],
    ['a problem document without fields', responds(404, {}, { 'content-type': 'application/problem+json' })],
    ['a problem document that is not JSON', responds(404, 'no', { 'content-type': 'application/problem+json' })],
  ])('%s', async (_name, responder) => {
    const client = await connect([responder]);

    const error = await failure(client.readUser({ id: ID }));

    expect(error).toBeInstanceOf(UnexpectedResponseError);
    expect(error).toBeInstanceOf(UserServiceError);
    expect(provider.requests).toHaveLength(1);
  });
});

describe('a provider that does not respond', () => {
  it.each([
    ['sends no response', neverResponds],
    ['stalls in the middle of a response', stallsMidResponse],
  ])('throws a TimeoutError when it %s', async (_name, responder) => {
    const client = await connect([responder], { timeoutMs: 50 });

    const error = await failure(client.readUser({ id: ID }));

    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ message: 'readUser: No response within 50 ms' });
  });

  it.each([
    ['closes the connection', closesConnection],
    ['closes the connection in the middle of a response', closesMidResponse],
  ])('throws an UnreachableError when it %s', async (_name, responder) => {
    const client = await connect([responder], { retries: 0 });

    expect(await failure(client.readUser({ id: ID }))).toBeInstanceOf(UnreachableError);
  });

  it('throws an UnreachableError when nothing listens on the port', async () => {
    const client = await connect([neverResponds], { retries: 0 });
    await provider.close();
    provider = await startProvider(neverResponds);

    expect(await failure(client.readUser({ id: ID }))).toBeInstanceOf(UnreachableError);
  });

  it('rejects with the signal’s reason when the caller aborts', async () => {
    const client = await connect([neverResponds]);
    const reason = new Error('aborted by the caller');
    const controller = new AbortController();

    const call = failure(client.readUser({ id: ID }, { signal: controller.signal }));
    controller.abort(reason);

    expect(await call).toBe(reason);
    expect(await failure(client.readUser({ id: ID }, { signal: controller.signal }))).toBe(reason);
  });

  it('throws a TimeoutError when getAccessToken never resolves', async () => {
    const client = await connect([neverResponds], {
      timeoutMs: 50,
      getAccessToken: () => new Promise(() => undefined),
    });

    expect(await failure(client.readUser({ id: ID }))).toBeInstanceOf(TimeoutError);
    expect(provider.requests).toEqual([]);
  });
});

describe('a retryable call', () => {
  const busy = problem(503, 'STORE_UNAVAILABLE', { 'retry-after': '0' });

  it.each([
    ['503 with Retry-After', busy],
    ['429 with Retry-After', problem(429, 'RATE_LIMITED', { 'retry-after': '0' })],
    ['a proxy’s 503 with Retry-After', responds(503, 'busy', { 'content-type': 'text/plain', 'retry-after': '0' })],
    ['a closed connection', closesConnection],
    ['an incomplete response', closesMidResponse],
  ])('is retried after %s', async (_name, responder) => {
    const client = await connect([responder, responds(200, USER)]);

    expect(await client.readUser({ id: ID })).toMatchObject({ body: USER });
    expect(provider.requests).toHaveLength(2);
  });

  it('with an Idempotency-Key sends the same key in each attempt', async () => {
    const client = await connect([busy, closesConnection, responds(201, USER)]);

    expect(await client.registerUser(BODY, { idempotencyKey: 'key' })).toMatchObject({ status: 201 });
    expect(provider.requests.map(({ headers }) => headers['idempotency-key'])).toEqual(['key', 'key', 'key']);
  });

  it('throws the last error when the retries are exhausted', async () => {
    const client = await connect([busy], { retries: 3 });

    expect(await failure(client.readUser({ id: ID }))).toBeInstanceOf(ProblemError);
    expect(provider.requests).toHaveLength(4);
  });

  it('is not retried when the delay would exceed the timeout', async () => {
    const client = await connect([problem(503, 'STORE_UNAVAILABLE', { 'retry-after': '60' })]);

    expect(await failure(client.readUser({ id: ID }))).toMatchObject({ status: 503, retryAfterSeconds: 60 });
    expect(provider.requests).toHaveLength(1);
  });

  it.each([
    ['503 without Retry-After', problem(503, 'STORE_UNAVAILABLE')],
    ['500', problem(500, 'INTERNAL', { 'retry-after': '0' })],
    ['404', problem(404, 'USER_NOT_FOUND', { 'retry-after': '0' })],
  ])('is not retried after %s', async (_name, responder) => {
    const client = await connect([responder, responds(200, USER)]);

    expect(await failure(client.readUser({ id: ID }))).toBeInstanceOf(ProblemError);
    expect(provider.requests).toHaveLength(1);
  });
});

describe('a call that is not retryable', () => {
  it.each([
    ['503', problem(503, 'STORE_UNAVAILABLE', { 'retry-after': '0' })],
    ['a closed connection', closesConnection],
  ])('is not retried after %s', async (_name, responder) => {
    const client = await connect([responder, responds(201, USER)]);

    expect(await failure(client.registerUser(BODY))).toBeInstanceOf(UserServiceError);
    expect(await failure(client.eraseUser({ id: ID }))).toBeInstanceOf(UserServiceError);
    expect(provider.requests.map(({ method }) => method)).toEqual(['POST', 'DELETE']);
  });
});

describe('a rejected access token', () => {
  const rejection = problem(401, 'TOKEN_INVALID');
  const issue = (...tokens: string[]) => {
    const received: (string | undefined)[] = [];
    return {
      received,
      getAccessToken: (token?: string) => {
        received.push(token);
        return Promise.resolve(tokens[received.length - 1] ?? tokens.at(-1) ?? '');
      },
    };
  };

  it('is replaced once, also for a call that is not retryable: the service did not process it', async () => {
    const { received, getAccessToken } = issue('old', 'new');
    const client = await connect([rejection, responds(202, { id: ID })], { getAccessToken });

    expect(await client.placeOrder({ amountMinor: 1, currency: 'EUR' })).toMatchObject({ status: 202 });
    expect(received).toEqual([undefined, 'old']);
    expect(provider.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
  });

  it.each([[['one', 'two']], [['same']]])(
    'throws after the second rejection, or when getAccessToken returns the same token: %j',
    async (tokens) => {
      const client = await connect([rejection], issue(...tokens));

      expect(await failure(client.readUser({ id: ID }))).toMatchObject({ status: 401 });
      expect(provider.requests).toHaveLength(tokens.length);
    },
  );

  it('rethrows an error of getAccessToken', async () => {
    const error = new Error('no credentials');
    const client = await connect([neverResponds], { getAccessToken: () => Promise.reject(error) });

    expect(await failure(client.readUser({ id: ID }))).toBe(error);
  });
});
