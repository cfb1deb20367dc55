import { afterEach, describe, expect, it } from 'vitest';

import {
  makeUserServiceClient,
  ProblemError,
  TimeoutError,
  UnreachableError,
  UnreadableAnswerError,
  UserServiceError,
  type ClientOptions,
} from '../src/user-service-client.ts';
import { answers, breaksOff, hangs, hangsUp, problem, stalls, startProvider, type Provider } from './provider.ts';

const ID = '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f13';
const USER = { id: ID, username: 'ann', name: 'Ann', email: 'ann@example.com', createdAt: '', updatedAt: '' };
const BODY = { username: 'ann', name: 'Ann', email: 'ann@example.com', password: 'three quiet rivers' };

let provider: Provider;
afterEach(() => provider.close());

const against = async (replies: Parameters<typeof startProvider>, options: Partial<ClientOptions> = {}) => {
  provider = await startProvider(...replies);
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
  it('gives status, body and headers', async () => {
    const client = await against([answers(200, USER, { etag: '"1"' })]);

    const { status, body, headers } = await client.readUser({ id: ID });

    expect({ status, body, etag: headers.etag }).toEqual({ status: 200, body: USER, etag: '"1"' });
    expect(provider.asked).toMatchObject([
      { method: 'GET', url: `/api/v1/users/${ID}`, headers: { authorization: 'Bearer token' } },
    ]);
  });

  it('sends its body as JSON, and its options as headers', async () => {
    const client = await against([answers(200, USER)]);

    await client.changeProfile({ id: ID }, { name: 'Ann' }, { ifMatch: '"1"' });

    const [{ method, headers, body } = { method: '', headers: {}, body: '' }] = provider.asked;
    expect({ method, body }).toEqual({ method: 'PATCH', body: '{"name":"Ann"}' });
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'if-match': '"1"' });
  });

  it('puts what it asks for into the query', async () => {
    const client = await against([answers(200, { items: [] })]);

    await client.listOrders({ limit: 5, cursor: 'a&b' });
    await client.listOrders();

    expect(provider.asked.map(({ url }) => url)).toEqual(['/api/v1/orders?limit=5&cursor=a%26b', '/api/v1/orders']);
  });

  it('sends no token where none is needed', async () => {
    const client = await against([answers(201, USER)]);

    await client.registerUser(BODY);

    expect(provider.asked[0]?.headers).not.toHaveProperty('authorization');
  });

  it('has no body where the service sends none', async () => {
    const client = await against([(response) => response.writeHead(304, { etag: '"1"' }).end()]);

    expect(await client.readUser({ id: ID }, { ifNoneMatch: '"1"' })).toMatchObject({ status: 304, body: undefined });
  });

  it.each(['', '.', '..'])('can not leave its path by the id %j', async (id) => {
    const client = await against([answers(200, USER)]);

    await expect(client.readUser({ id })).rejects.toThrow(TypeError);
    expect(provider.asked).toEqual([]);
  });

  it('keeps an id with a slash in its place', async () => {
    const client = await against([problem(404, 'USER_NOT_FOUND')]);

    await failure(client.readUser({ id: '../orders?limit=1' }));

    expect(provider.asked[0]?.url).toBe('/api/v1/users/..%2Forders%3Flimit%3D1');
  });
});

describe('a refusal', () => {
  it('is a ProblemError with the problem document', async () => {
    const client = await against([problem(404, 'USER_NOT_FOUND')]);

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

describe('an answer that was not promised is an UnreadableAnswerError:', () => {
  const html = { 'content-type': 'text/html' };
  it.each([
    ['a page', answers(200, '<html>', html)],
    ['half of a JSON', answers(200, '{"id":')],
    ['nothing', answers(200, '')],
    ['null', answers(200, 'null')],
    ['a list', answers(200, '[]')],
    ['bytes that are no text', answers(200, Buffer.from('{"id":"\xff"}', 'latin1'))],
    ['more than anybody needs', answers(200, { id: 'a'.repeat(2_000_000) })],
    ['a status that is none of it', answers(201, USER)],
    ['a way to elsewhere', answers(302, '', { location: 'https://192.0.2.1/' })],
    ['a proxy’s 502', answers(502, '<html>', html)],
    ['a refusal in JSON', answers(404, { error: 'no' })],
    ['a problem that tells nothing', answers(404, {}, { 'content-type': 'application/problem+json' })],
    ['a problem that is no JSON', answers(404, 'no', { 'content-type': 'application/problem+json' })],
  ])('%s', async (_name, reply) => {
    const client = await against([reply]);

    const error = await failure(client.readUser({ id: ID }));

    expect(error).toBeInstanceOf(UnreadableAnswerError);
    expect(error).toBeInstanceOf(UserServiceError);
    expect(provider.asked).toHaveLength(1);
  });
});

describe('a provider that does not answer', () => {
  it.each([
    ['says nothing', hangs],
    ['stops in the middle', stalls],
  ])('is a TimeoutError when it %s', async (_name, reply) => {
    const client = await against([reply], { timeoutMs: 50 });

    const error = await failure(client.readUser({ id: ID }));

    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ message: 'readUser: No answer within 50 ms' });
  });

  it.each([
    ['hangs up', hangsUp],
    ['breaks off', breaksOff],
  ])('is an UnreachableError when it %s', async (_name, reply) => {
    const client = await against([reply], { retries: 0 });

    expect(await failure(client.readUser({ id: ID }))).toBeInstanceOf(UnreachableError);
  });

  it('is an UnreachableError when nobody listens', async () => {
    const client = await against([hangs], { retries: 0 });
    await provider.close();
    provider = await startProvider(hangs);

    expect(await failure(client.readUser({ id: ID }))).toBeInstanceOf(UnreachableError);
  });

  it('is left when the caller no longer wants the answer', async () => {
    const client = await against([hangs]);
    const reason = new Error('the caller is gone');
    const caller = new AbortController();

    const call = failure(client.readUser({ id: ID }, { signal: caller.signal }));
    caller.abort(reason);

    expect(await call).toBe(reason);
    expect(await failure(client.readUser({ id: ID }, { signal: caller.signal }))).toBe(reason);
  });

  it('does not make its caller wait for a token without end', async () => {
    const client = await against([hangs], { timeoutMs: 50, getAccessToken: () => new Promise(() => undefined) });

    expect(await failure(client.readUser({ id: ID }))).toBeInstanceOf(TimeoutError);
    expect(provider.asked).toEqual([]);
  });
});

describe('a call that may be repeated', () => {
  const busy = problem(503, 'STORE_UNAVAILABLE', { 'retry-after': '0' });

  it.each([
    ['503 with Retry-After', busy],
    ['429 with Retry-After', problem(429, 'RATE_LIMITED', { 'retry-after': '0' })],
    ['a proxy’s 503 with Retry-After', answers(503, 'busy', { 'content-type': 'text/plain', 'retry-after': '0' })],
    ['a connection that ends', hangsUp],
    ['an answer that breaks off', breaksOff],
  ])('is tried again after %s', async (_name, reply) => {
    const client = await against([reply, answers(200, USER)]);

    expect(await client.readUser({ id: ID })).toMatchObject({ body: USER });
    expect(provider.asked).toHaveLength(2);
  });

  it('is one with an Idempotency-Key, and keeps it', async () => {
    const client = await against([busy, hangsUp, answers(201, USER)]);

    expect(await client.registerUser(BODY, { idempotencyKey: 'key' })).toMatchObject({ status: 201 });
    expect(provider.asked.map(({ headers }) => headers['idempotency-key'])).toEqual(['key', 'key', 'key']);
  });

  it('is given up after the retries, with the last failure', async () => {
    const client = await against([busy], { retries: 3 });

    expect(await failure(client.readUser({ id: ID }))).toBeInstanceOf(ProblemError);
    expect(provider.asked).toHaveLength(4);
  });

  it('is not begun again when the time would not suffice', async () => {
    const client = await against([problem(503, 'STORE_UNAVAILABLE', { 'retry-after': '60' })]);

    expect(await failure(client.readUser({ id: ID }))).toMatchObject({ status: 503, retryAfterSeconds: 60 });
    expect(provider.asked).toHaveLength(1);
  });

  it.each([
    ['503 without Retry-After', problem(503, 'STORE_UNAVAILABLE')],
    ['500', problem(500, 'INTERNAL', { 'retry-after': '0' })],
    ['404', problem(404, 'USER_NOT_FOUND', { 'retry-after': '0' })],
  ])('is not tried again after %s', async (_name, reply) => {
    const client = await against([reply, answers(200, USER)]);

    expect(await failure(client.readUser({ id: ID }))).toBeInstanceOf(ProblemError);
    expect(provider.asked).toHaveLength(1);
  });
});

describe('a call that may not be repeated', () => {
  it.each([
    ['503', problem(503, 'STORE_UNAVAILABLE', { 'retry-after': '0' })],
    ['a connection that ends', hangsUp],
  ])('is not, after %s', async (_name, reply) => {
    const client = await against([reply, answers(201, USER)]);

    expect(await failure(client.registerUser(BODY))).toBeInstanceOf(UserServiceError);
    expect(await failure(client.eraseUser({ id: ID }))).toBeInstanceOf(UserServiceError);
    expect(provider.asked.map(({ method }) => method)).toEqual(['POST', 'DELETE']);
  });
});

describe('an access token that was refused', () => {
  const refused = problem(401, 'TOKEN_INVALID');
  const issue = (...tokens: string[]) => {
    const told: (string | undefined)[] = [];
    return {
      told,
      getAccessToken: (token?: string) => {
        told.push(token);
        return Promise.resolve(tokens[told.length - 1] ?? tokens.at(-1) ?? '');
      },
    };
  };

  it('is replaced once, also for a call that may not be repeated: nothing was done', async () => {
    const { told, getAccessToken } = issue('old', 'new');
    const client = await against([refused, answers(202, { id: ID })], { getAccessToken });

    expect(await client.placeOrder({ amountMinor: 1, currency: 'EUR' })).toMatchObject({ status: 202 });
    expect(told).toEqual([undefined, 'old']);
    expect(provider.asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
  });

  it.each([[['one', 'two']], [['same']]])(
    'is given up with the second refusal, or when there is no other: %j',
    async (tokens) => {
      const client = await against([refused], issue(...tokens));

      expect(await failure(client.readUser({ id: ID }))).toMatchObject({ status: 401 });
      expect(provider.asked).toHaveLength(tokens.length);
    },
  );

  it('lets through what the hook throws', async () => {
    const error = new Error('no credentials');
    const client = await against([hangs], { getAccessToken: () => Promise.reject(error) });

    expect(await failure(client.readUser({ id: ID }))).toBe(error);
  });
});
