// Every documented status of every operation, on real PostgreSQL and Redis. A documented status without a scenario fails, and so does a scenario
// of an undocumented status. An error response must be a documented problem, and nothing may have been written.

import { randomUUID } from 'node:crypto';

import type { InjectOptions } from 'fastify';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Api } from '../../../src/http/api.ts';
import { HttpError } from '../../../src/http/errors.ts';
import { RESPONSE_HEADERS } from '../../../src/http/openapi/response-headers.ts';
import { problemSchema } from '../../../src/http/schemas/problem.ts';
import { orderSchema } from '../../../src/http/schemas/order.ts';
import { userSchema } from '../../../src/http/schemas/user.ts';
import {
  newRegistration,
  newUser,
  PASSWORD,
  reauthenticated,
  serviceHeaders,
  type TestUser,
} from '../../support/http/actors.ts';
import { makeFakeServer } from '../../support/http/fake-deps.ts';
import { CLIENT, makeTestApp } from '../../support/http/make-test-app.ts';
import { makeStoredRows } from '../../support/http/stored-rows.ts';
import { makeTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { makeTestRedis } from '../../support/test-redis.ts';

type Media = { readonly examples?: Record<string, unknown> };
type Header = { readonly $ref: string };
type Operation = {
  readonly operationId: string;
  readonly requestBody?: object;
  readonly responses: Record<string, { content?: Record<string, Media>; headers?: Record<string, Header> }>;
};
type Request = InjectOptions & { readonly url: string };
/** The request, and the server that it is sent to. Created after the data that it needs. */
type Scenario = () => Promise<{ readonly request: Request; readonly to?: Api }>;

const operationsOf = async (): Promise<(Operation & { method: 'GET'; path: string })[]> => {
  const app = await makeFakeServer();
  const { paths } = (await app.inject('/openapi.json')).json<{ paths: Record<string, Record<string, Operation>> }>();
  await app.close();
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase() as 'GET',
      path,
    })),
  );
};

const operations = await operationsOf();

let database: TestDatabase;
let rows: Awaited<ReturnType<typeof makeStoredRows>>;
let proxy: TcpProxy;
let whole: Awaited<ReturnType<typeof makeTestApp>>;
let cutOff: Awaited<ReturnType<typeof makeTestApp>>;
let app: Api;
let rateLimited: Api;
let broken: Api;
/** Accepts every token, and has no database. */
let storeless: Api;
let overloaded: Api;
/** The caller was erased, but the token is still valid. */
let erasedCaller: Api;
let someone: TestUser;
/** An order of `someone`. */
let orderId: string;

beforeAll(async () => {
  database = await makeTestDatabase();
  rows = await makeStoredRows(database.adminUrl);
  proxy = await makeTcpProxy(database);
  const redis = makeTestRedis();
  whole = await makeTestApp({ database, redis });
  cutOff = await makeTestApp({ database: { ...database, host: proxy.host, port: proxy.port }, redis: makeTestRedis() });
  proxy.down();
  app = await whole.serve();
  someone = await newUser(app);
  orderId = await newOrder(someone);
  const principal = { subject: someone.id, kind: 'user', sessionId: someone.id, expiresAt: 4e9 } as const;
  const verifyAccessToken = () => ({ ...principal, scopes: new Set(['users:list']), authenticatedAt: 4e9 });
  rateLimited = await whole.serve({
    generalLimit: { take: () => ({ allowed: false, remaining: 0, retryAfterSeconds: 1 }) },
  });
  broken = await whole.serve({
    isDraining: () => {
      throw new Error('unexpected failure');
    },
  });
  erasedCaller = await whole.serve({ verifyAccessToken: () => ({ ...verifyAccessToken(), subject: randomUUID() }) });
  storeless = await cutOff.serve({ verifyAccessToken });
  overloaded = await whole.serve({
    loadShedding: {
      onRequest: () => {
        throw new HttpError('OVERLOADED', 'The service is overloaded.');
      },
    },
  });
});

afterAll(async () => {
  for (const server of [app, rateLimited, broken, erasedCaller, storeless, overloaded]) await server.close();
  await whole.close();
  await cutOff.close();
  await proxy.close();
  await rows.close();
  await database.drop();
});

const newOrder = async ({ headers }: TestUser): Promise<string> => {
  const payload = { amountMinor: 1999, currency: 'EUR' };
  const placed = await app.inject({ method: 'POST', url: '/api/v1/orders', headers, payload });
  return placed.json<{ id: string }>().id;
};

const VALID_BODIES: Readonly<Record<string, () => object>> = {
  registerUser: newRegistration,
  changeProfile: () => ({ name: 'Ann' }),
  changePassword: () => ({ oldPassword: PASSWORD, newPassword: 'four loud oceans' }),
  placeOrder: () => ({ amountMinor: 1999, currency: 'EUR' }),
  reauthenticate: () => ({ password: PASSWORD }),
  logIn: () => ({ login: someone.username, password: PASSWORD }),
  refreshSession: () => ({ refresh_token: someone.refreshToken }),
  issueClientToken: () => CLIENT,
};

/** A valid request of `someone`. */
const valid = (operationId: string): Request => {
  const operation = operations.find((one) => one.operationId === operationId);
  if (operation === undefined) throw new Error(`the OpenAPI document does not contain ${operationId}`);
  const { path, method } = operation;
  const body = new Map(Object.entries(VALID_BODIES)).get(operationId)?.();
  return {
    method,
    url: path.replace('{id}', path.includes('/orders/') ? orderId : someone.id).replace('{slug}', 'user-not-found'),
    headers: { ...someone.headers, ...(operationId === 'changeProfile' && { 'if-match': '"1"' }) },
    ...(body && { payload: body }),
  };
};

const asUser = async (
  operationId: string,
  changes: Partial<Request> = {},
): Promise<{ request: Request; user: TestUser }> => {
  const user = await newUser(app);
  const { url, headers, ...request } = valid(operationId);
  const ownUrl = url.replace(someone.id, user.id);
  return { request: { ...request, url: ownUrl, headers: { ...headers, ...user.headers }, ...changes }, user };
};

const withHeaders = (request: Request, headers: Record<string, string>): Request => ({
  ...request,
  headers: { ...request.headers, ...headers },
});

/** Scenarios that are the same for every operation that documents the status. */
const common = (operationId: string, hasBody: boolean): Record<string, Scenario> => {
  const request = (): Request => valid(operationId);
  const authorized = (): Promise<{ request: Request }> => Promise.resolve({ request: request() });
  const json = { 'content-type': 'application/json' };
  return {
    '400': () => Promise.resolve({ request: { ...request(), url: `${request().url}?unknown=1` } }),
    '401': () => Promise.resolve({ request: withHeaders(request(), { authorization: 'Bearer forged' }) }),
    '404': () => Promise.resolve({ request: { ...request(), url: request().url.replace(someone.id, 'unknown') } }),
    '413': () => Promise.resolve({ request: withHeaders({ ...request(), payload: `"${'a'.repeat(20_000)}"` }, json) }),
    '414': () => Promise.resolve({ request: { ...request(), url: `${request().url}?a=${'a'.repeat(2048)}` } }),
    '415': () =>
      Promise.resolve({ request: withHeaders({ ...request(), payload: 'a=b' }, { 'content-type': 'text/plain' }) }),
    '429': async () => ({ ...(await authorized()), to: rateLimited }),
    '500': async () => ({ ...(await authorized()), to: broken }),
    '503': async () => ({ ...(await authorized()), to: storeless }),
    ...(hasBody ? { '408': authorized } : {}),
  };
};

/** For operations that need no store. */
const onOverload =
  (operationId: string): Scenario =>
  () =>
    Promise.resolve({ request: valid(operationId), to: overloaded });

const SCENARIOS: Readonly<Record<string, Record<string, Scenario>>> = {
  registerUser: {
    '201': () => Promise.resolve({ request: valid('registerUser') }),
    '409': () =>
      Promise.resolve({
        request: { ...valid('registerUser'), payload: { ...newRegistration(), email: someone.email.toUpperCase() } },
      }),
    '422': async () => {
      const key = { 'idempotency-key': `key-${someone.id}` };
      await app.inject(withHeaders(valid('registerUser'), key));
      return { request: withHeaders(valid('registerUser'), key) };
    },
  },
  readUser: {
    '200': () => Promise.resolve({ request: valid('readUser') }),
    '304': () => Promise.resolve({ request: withHeaders(valid('readUser'), { 'if-none-match': '"1"' }) }),
  },
  listUsers: {
    '400': async () => ({ request: { url: '/api/v1/users?limit=0', headers: await serviceHeaders(app) } }),
    '200': async () => ({ request: { ...valid('listUsers'), headers: await serviceHeaders(app) } }),
    '403': () => Promise.resolve({ request: valid('listUsers') }),
  },
  changeProfile: {
    '200': () => asUser('changeProfile'),
    '409': () => asUser('changeProfile', { payload: { username: someone.username } }),
    '412': async () => {
      const { request } = await asUser('changeProfile');
      return { request: withHeaders(request, { 'if-match': '"2"' }) };
    },
    '428': () => Promise.resolve({ request: { ...valid('changeProfile'), headers: someone.headers } }),
  },
  changePassword: {
    '204': () => asUser('changePassword'),
    '403': () => asUser('changePassword', { payload: { oldPassword: 'another', newPassword: 'four loud oceans' } }),
  },
  eraseUser: {
    '204': async () => {
      const { request, user } = await asUser('eraseUser');
      return { request: withHeaders(request, await reauthenticated(app, user)) };
    },
  },
  reauthenticate: {
    '200': () => asUser('reauthenticate'),
    '403': () => asUser('reauthenticate', { payload: { password: 'another' } }),
  },
  placeOrder: {
    '202': () => Promise.resolve({ request: valid('placeOrder') }),
    '403': async () => ({ request: { ...valid('placeOrder'), headers: await serviceHeaders(app) } }),
    '404': () => Promise.resolve({ request: valid('placeOrder'), to: erasedCaller }),
    '422': async () => {
      const key = { 'idempotency-key': `key-${orderId}` };
      await app.inject(withHeaders(valid('placeOrder'), key));
      return { request: withHeaders({ ...valid('placeOrder'), payload: { amountMinor: 1, currency: 'EUR' } }, key) };
    },
  },
  readOrder: {
    '200': () => Promise.resolve({ request: valid('readOrder') }),
    '304': () => Promise.resolve({ request: withHeaders(valid('readOrder'), { 'if-none-match': '"1"' }) }),
    '403': async () => ({ request: { ...valid('readOrder'), headers: await serviceHeaders(app) } }),
    '404': async () => ({ request: { ...valid('readOrder'), headers: (await newUser(app)).headers } }),
  },
  listOrders: {
    '200': () => Promise.resolve({ request: valid('listOrders') }),
    '403': async () => ({ request: { ...valid('listOrders'), headers: await serviceHeaders(app) } }),
  },
  logIn: {
    '200': () => Promise.resolve({ request: valid('logIn') }),
    '401': () =>
      Promise.resolve({ request: { ...valid('logIn'), payload: { login: someone.username, password: 'wrong' } } }),
  },
  refreshSession: {
    '200': async () => {
      const { refreshToken } = await newUser(app);
      return { request: { ...valid('refreshSession'), payload: { refresh_token: refreshToken } } };
    },
    '401': () => Promise.resolve({ request: { ...valid('refreshSession'), payload: { refresh_token: 'unknown' } } }),
  },
  logOut: { '204': () => asUser('logOut') },
  issueClientToken: {
    '503': onOverload('issueClientToken'),
    '200': () => Promise.resolve({ request: valid('issueClientToken') }),
    '401': () =>
      Promise.resolve({ request: { ...valid('issueClientToken'), payload: { ...CLIENT, client_secret: 'wrong' } } }),
    '403': () =>
      Promise.resolve({ request: { ...valid('issueClientToken'), payload: { ...CLIENT, scope: 'users:erase' } } }),
  },
  readKeys: { '200': () => Promise.resolve({ request: valid('readKeys') }), '503': onOverload('readKeys') },
  explainProblem: {
    '200': () => Promise.resolve({ request: valid('explainProblem') }),
    '404': () => Promise.resolve({ request: { ...valid('explainProblem'), url: '/problems/none' } }),
    '503': onOverload('explainProblem'),
  },
  readApiDocument: {
    '200': () => Promise.resolve({ request: valid('readApiDocument') }),
    '503': onOverload('readApiDocument'),
  },
};

/** Need a socket: half of a body (test/unit/http/server.test.ts), oversized headers (test/unit/http/bad-input.test.ts). */
const TESTED_ELSEWHERE = new Set(['408', '431']);

/** Callers rely on these: a response has all that are documented, and no other. */
const CHECKED_HEADERS: readonly string[] = [...Object.keys(RESPONSE_HEADERS), 'Deprecation', 'Sunset'];

/** The servers `broken` and `overloaded` fail before the request is counted. */
const mayLack = (name: string, to: Api): boolean =>
  name === 'Link' || ([broken, overloaded].includes(to) && name.startsWith('RateLimit'));

const cells = operations.flatMap(({ operationId, requestBody, responses }) => {
  const own = new Map(Object.entries(SCENARIOS)).get(operationId) ?? {};
  const scenarios = new Map(Object.entries({ ...common(operationId, requestBody !== undefined), ...own }));
  return Object.entries(responses)
    .filter(([status]) => !TESTED_ELSEWHERE.has(status))
    .map(([status, { content = {}, headers = {} }]) => ({
      operationId,
      status: Number(status),
      content,
      promised: Object.keys(headers),
      scenario: scenarios.get(status),
    }));
});

describe('every documented operation and status', () => {
  it.each(cells)('$operationId responds with $status', async ({ status, content, promised, scenario }) => {
    if (scenario === undefined) throw new Error('no scenario');
    const { request, to = app } = await scenario();
    const before = await rows.digest();

    const response = await to.inject(request);

    expect(response.statusCode, response.body).toBe(status);
    const sent = CHECKED_HEADERS.filter((name) => response.headers[name.toLowerCase()] !== undefined);
    expect(promised).toEqual(expect.arrayContaining(sent));
    expect(promised.filter((name) => !sent.includes(name) && !mayLack(name, to))).toEqual([]);
    if (status < 400) return;
    const codes = Object.keys(content['application/problem+json']?.examples ?? {});
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(Value.Check(problemSchema, response.json())).toBe(true);
    expect(codes).toContain(response.json<{ code: string }>().code);
    expect(await rows.digest()).toBe(before);
  });

  it('has no scenario of an undocumented status', () => {
    const promised = new Set(cells.map(({ operationId, status }) => `${operationId} ${status}`));
    const scenarios = Object.entries(SCENARIOS).flatMap(([id, byStatus]) =>
      Object.keys(byStatus).map((s) => `${id} ${s}`),
    );

    expect(scenarios.filter((scenario) => !promised.has(scenario))).toEqual([]);
  });
});

describe('a user in a response', () => {
  it('has exactly the documented shape after registration, read, change and list', async () => {
    const created = await app.inject(valid('registerUser'));
    const { request } = await asUser('changeProfile');
    const read = await app.inject({ ...request, method: 'GET', payload: '' });
    const changed = await app.inject(request);
    const listed = await app.inject({ url: '/api/v1/users', headers: await serviceHeaders(app) });

    const users = [created.json(), read.json(), changed.json(), ...listed.json<{ items: unknown[] }>().items];
    for (const user of users) expect([...Value.Errors(userSchema, user)]).toEqual([]);
  });
});

describe('an order in a response', () => {
  it('has exactly the documented shape after placement, read and list', async () => {
    const placed = await app.inject(valid('placeOrder'));
    const read = await app.inject(valid('readOrder'));
    const listed = await app.inject(valid('listOrders'));

    const orders = [placed.json(), read.json(), ...listed.json<{ items: unknown[] }>().items];
    expect(orders.length).toBeGreaterThan(3);
    for (const order of orders) expect([...Value.Errors(orderSchema, order)]).toEqual([]);
  });
});
