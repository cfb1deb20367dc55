// Runs the generated client against the service on real PostgreSQL and Redis, so that both match the OpenAPI document.

import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  makeServiceToken,
  makeUserServiceClient,
  ProblemError,
  type UserServiceClient,
} from '../../../clients/user-service-client/src/user-service-client.ts';
import type { Api } from '../../../src/http/api.ts';
import { newRegistration, PASSWORD } from '../../support/http/actors.ts';
import { CLIENT, makeTestApp } from '../../support/http/make-test-app.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { makeTestRedis } from '../../support/test-redis.ts';

let database: TestDatabase;
let whole: Awaited<ReturnType<typeof makeTestApp>>;
let app: Api;
let baseUrl: string;
let anonymous: UserServiceClient;

beforeAll(async () => {
  database = await makeTestDatabase();
  whole = await makeTestApp({ database, redis: makeTestRedis() });
  app = await whole.serve();
  baseUrl = await app.listen({ host: '127.0.0.1', port: 0 });
  anonymous = makeUserServiceClient({ baseUrl });
});

afterAll(async () => {
  await app.close();
  await whole.close();
  await database.drop();
});

const newUser = async () => {
  const registration = newRegistration();
  const registered = await anonymous.registerUser(registration, { idempotencyKey: randomUUID() });
  const login = await anonymous.logIn({ login: registration.username, password: PASSWORD });
  const getAccessToken = () => Promise.resolve(login.body.access_token);
  return {
    id: registered.body.id,
    registration,
    registered,
    login,
    client: makeUserServiceClient({ baseUrl, getAccessToken }),
  };
};

const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a user with the client', () => {
  it('registers, and reads the same account', async () => {
    const { id, registration, registered, client } = await newUser();
    const { body } = await client.readUser({ id });

    expect(registered).toMatchObject({ status: 201, headers: { location: `/api/v1/users/${id}`, etag: '"1"' } });
    expect(body).toEqual(registered.body);
    expect(body).toMatchObject({ username: registration.username, email: registration.email });
  });

  it('changes the profile with its ETag, and gets 304 for the current version', async () => {
    const { id, client } = await newUser();
    const changed = await client.changeProfile({ id }, { name: 'Ann Other' }, { ifMatch: '"1"' });
    const again = await client.readUser({ id }, { ifNoneMatch: changed.headers.etag ?? '' });

    expect(changed.body.name).toBe('Ann Other');
    expect(again).toMatchObject({ status: 304, body: undefined });
  });

  it('places an order once, lists it, and reads it', async () => {
    const { client } = await newUser();
    const idempotencyKey = randomUUID();
    const order = { amountMinor: 1999, currency: 'EUR' };
    const first = await client.placeOrder(order, { idempotencyKey });
    const second = await client.placeOrder(order, { idempotencyKey });
    const listed = await client.listOrders({ limit: 10 });

    expect(second.body.id).toBe(first.body.id);
    expect(listed.body.items).toEqual([first.body]);
    expect((await client.readOrder({ id: first.body.id })).body.status).toBe('placed');
  });

  it('refreshes the session, changes the password, logs out and erases the account', async () => {
    const { id, login, client } = await newUser();
    const refreshed = await anonymous.refreshSession({ refresh_token: login.body.refresh_token });
    const passwords = { oldPassword: PASSWORD, newPassword: 'four loud oceans' };

    expect(refreshed.body.token_type).toBe('Bearer');
    expect(await client.changePassword({ id }, passwords)).toMatchObject({ status: 204, body: undefined });
    expect(await failure(client.eraseUser({ id }))).toMatchObject({ problem: { code: 'REAUTHENTICATION_REQUIRED' } });
    const { access_token } = (await client.reauthenticate({ password: passwords.newPassword })).body;
    const steppedUp = makeUserServiceClient({ baseUrl, getAccessToken: () => Promise.resolve(access_token) });
    expect(await steppedUp.eraseUser({ id })).toMatchObject({ status: 204 });
    expect(await failure(client.logOut())).toMatchObject({ status: 401, problem: { code: 'TOKEN_INVALID' } });
  });

  it('gets every fault of a request', async () => {
    const error = await failure(anonymous.registerUser({ ...newRegistration(), username: '-', email: 'none' }));

    expect(error).toBeInstanceOf(ProblemError);
    expect((error as ProblemError).problem.errors?.map(({ pointer }) => pointer).sort()).toEqual([
      '/email',
      '/username',
    ]);
  });
});

describe('a service with the client', () => {
  const service = () => {
    const clientSecret = () => CLIENT.client_secret;
    const getAccessToken = makeServiceToken({ client: anonymous, clientId: CLIENT.client_id, clientSecret });
    return makeUserServiceClient({ baseUrl, getAccessToken });
  };

  it('reads any user with a token of its own', async () => {
    const { id } = await newUser();

    expect((await service().readUser({ id })).body.id).toBe(id);
    expect((await service().listUsers({ limit: 1 })).body.items).toHaveLength(1);
  });

  it('gets 404 for a user that does not exist', async () => {
    expect(await failure(service().readUser({ id: randomUUID() }))).toMatchObject({
      status: 404,
      problem: { code: 'USER_NOT_FOUND' },
    });
  });

  it('is rejected without a token', async () => {
    expect(await failure(anonymous.readUser({ id: randomUUID() }))).toMatchObject({
      status: 401,
      problem: { code: 'TOKEN_MISSING' },
    });
  });
});

describe('the other operations', () => {
  it('require no token', async () => {
    expect((await anonymous.readKeys()).body.keys.length).toBeGreaterThan(0);
    expect((await anonymous.explainProblem({ slug: 'user-not-found' })).body.code).toBe('USER_NOT_FOUND');
    expect((await anonymous.readApiDocument()).body).toHaveProperty('paths');
  });
});
