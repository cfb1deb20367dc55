// The consumer contract: only what this service needs of user-service. Each test calls a mock provider that responds as defined here, and writes
// the interaction to pacts/. test/contract in the root of the repository verifies the real user-service against that file.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MatchersV3 as match, Pact } from '@pact-foundation/pact';
import { makeServiceToken, makeUserServiceClient, type GetAccessToken } from 'user-service-client';
import { beforeAll, describe, expect, it } from 'vitest';
import { toConsumedEvent } from '../../src/events.ts';
import { makeUserDirectory } from '../../src/user-directory.ts';

const PACTS = join(import.meta.dirname, '../../../../pacts');
const parties = { consumer: 'notification-service', provider: 'user-service' };
const pact = new Pact({ ...parties, dir: PACTS, logLevel: 'warn' });

/** The mock provider expects the pattern; the real service receives `expression` with the values of its provider state. */
const injected = (expression: string, pattern: RegExp, example: string) => ({
  ...match.fromProviderState(expression, example),
  ...match.regex(pattern, example),
});
const userPath = injected('/api/v1/users/${userId}', /^\/api\/v1\/users\/[^/]+$/, '/api/v1/users/123');
const bearer = injected('Bearer ${token}', /^Bearer \S+$/, 'Bearer a-token');
const clientSecret = injected('${clientSecret}', /^.+$/, 'a-secret');

const JSON_TYPE = match.regex('^application/json(;.*)?$', 'application/json; charset=utf-8');
const PROBLEM_TYPE = match.regex('^application/problem\\+json(;.*)?$', 'application/problem+json; charset=utf-8');

/** The fields that the client requires of a problem document. */
const problem = (status: number, code: string) => ({
  ...{ status, code },
  title: match.string('Refused'),
  traceId: match.string('0af7651916cd43dd8448eb211c80319c'),
});

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
const id = (example: string) => match.regex(UUID, example);
const EVENT_ID = '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f11';
const USER_ID = '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f13';
const ORDER_ID = '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f17';

const withToken: GetAccessToken = () => Promise.resolve('a-token');
const find = (baseUrl: string) =>
  makeUserDirectory({ client: makeUserServiceClient({ baseUrl, getAccessToken: withToken }) }).find('123');

beforeAll(() => rm(join(PACTS, 'notification-service-user-service.json'), { force: true })); // removes interactions that are no longer needed

describe('notification-service as a consumer of the API', () => {
  it('reads a user', () =>
    pact
      .addInteraction()
      .given('user exists')
      .uponReceiving('a service reads a user')
      .withRequest('GET', userPath, (request) => request.headers({ Authorization: bearer }))
      .willRespondWith(200, (response) =>
        response
          .headers({ 'Content-Type': JSON_TYPE })
          .jsonBody({ id: match.string('123'), email: match.string('ann@example.com') }),
      )
      .executeTest(async ({ url }) => {
        expect(await find(url)).toEqual({ email: 'ann@example.com' });
      }));

  it('finds no user when the response is 404', () =>
    pact
      .addInteraction()
      .given('user does not exist')
      .uponReceiving('a service reads a user who is not there')
      .withRequest('GET', userPath, (request) => request.headers({ Authorization: bearer }))
      .willRespondWith(404, (response) =>
        response.headers({ 'Content-Type': PROBLEM_TYPE }).jsonBody(problem(404, 'USER_NOT_FOUND')),
      )
      .executeTest(async ({ url }) => {
        expect(await find(url)).toBeUndefined();
      }));

  it('fails without a token', () =>
    pact
      .addInteraction()
      .given('user exists')
      .uponReceiving('somebody without a token reads a user')
      .withRequest('GET', userPath)
      .willRespondWith(401, (response) =>
        response.headers({ 'Content-Type': PROBLEM_TYPE }).jsonBody(problem(401, 'TOKEN_MISSING')),
      )
      .executeTest(async ({ url }) => {
        const withoutToken = makeUserDirectory({ client: makeUserServiceClient({ baseUrl: url }) });
        await expect(withoutToken.find('123')).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
      }));

  it('gets a token with its client credentials', () =>
    pact
      .addInteraction()
      .given('the client notification-service exists')
      .uponReceiving('a service asks for a token')
      .withRequest('POST', '/api/v1/auth/token', (request) =>
        request.jsonBody({
          grant_type: 'client_credentials',
          client_id: 'notification-service',
          client_secret: clientSecret,
        }),
      )
      .willRespondWith(200, (response) =>
        response
          .headers({ 'Content-Type': JSON_TYPE })
          .jsonBody({ access_token: match.string('a-token'), expires_in: match.integer(300) }),
      )
      .executeTest(async ({ url }) => {
        const client = makeUserServiceClient({ baseUrl: url });
        const credentials = { clientId: 'notification-service', clientSecret: () => 'a-secret' };
        expect(await makeServiceToken({ client, ...credentials })()).toBe('a-token');
      }));
});

describe('notification-service as a consumer of the events', () => {
  /** The record as decoded from Avro; `type` is the name of its schema. */
  const readAs =
    (type: string) =>
    ({ contents }: { contents: { content: unknown } }) =>
      Promise.resolve(toConsumedEvent({ type, payload: contents.content as Record<string, unknown> }));

  it('reads UserRegistered', async () => {
    const event = await pact
      .addAsynchronousInteraction()
      .given('user exists')
      .expectsToReceive('UserRegistered', (message) =>
        message
          .withMetadata({ topic: 'user-service.users.v1', schema: 'UserRegistered' })
          .withJSONContent({ eventId: id(EVENT_ID), userId: id(USER_ID) }),
      )
      .executeTest(readAs('UserRegistered'));
    expect(event).toEqual({ type: 'UserRegistered', eventId: EVENT_ID, userId: USER_ID });
  });

  it('reads OrderConfirmed', async () => {
    const order = { orderId: ORDER_ID, amountMinor: 1999, currency: 'EUR' };
    const event = await pact
      .addAsynchronousInteraction()
      .given('an order was confirmed')
      .expectsToReceive('OrderConfirmed', (message) =>
        message.withMetadata({ topic: 'user-service.orders.v1', schema: 'OrderConfirmed' }).withJSONContent({
          eventId: id(EVENT_ID),
          userId: id(USER_ID),
          orderId: id(ORDER_ID),
          amountMinor: match.integer(1999),
          currency: match.regex(/^[A-Z]{3}$/, 'EUR'),
        }),
      )
      .executeTest(readAs('OrderConfirmed'));
    expect(event).toEqual({ type: 'OrderConfirmed', eventId: EVENT_ID, userId: USER_ID, ...order });
  });
});
