// The real service on real PostgreSQL, held against what its consumers say they need.

import { Verifier, type MessageProviders } from '@pact-foundation/pact';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Api } from '../../src/http/api.ts';
import { listen } from '../support/http/raw-request.ts';
import { makeTestApp, type TestApp } from '../support/http/make-test-app.ts';
import { makeTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { makeTestRedis } from '../support/test-redis.ts';
import { makeOutboxMessages } from './outbox-messages.ts';
import { pactFiles, pactSource, type PactSource } from './pact-source.ts';
import { makeProviderStates } from './provider-states.ts';

let database: TestDatabase;
let tests: TestApp;
let readMessage: Awaited<ReturnType<typeof makeOutboxMessages>>;

beforeAll(async () => {
  database = await makeTestDatabase();
  tests = await makeTestApp({ database, redis: makeTestRedis() });
  readMessage = await makeOutboxMessages(tests.pool);
});
afterAll(async () => {
  await tests.close();
  await database.drop();
});

/** Resolves when every consumer gets what it needs; rejects with the verifier's report. */
const verify = async (api: Api, source: PactSource, messages: MessageProviders = {}) => {
  const port = await listen(api);
  const verifier = new Verifier({
    ...source,
    provider: 'user-service',
    providerBaseUrl: `http://127.0.0.1:${port}`,
    stateHandlers: makeProviderStates(api, tests),
    messageProviders: {
      UserRegistered: () => readMessage('UserRegistered'),
      OrderConfirmed: () => readMessage('OrderConfirmed'),
      ...messages,
    },
    logLevel: 'error',
  });
  await verifier.verifyProvider().finally(() => api.close());
};

describe('user-service', () => {
  it('keeps what its consumers need', async () => {
    await expect(verify(await tests.serve(), pactSource())).resolves.toBeUndefined();
  });
});

describe('a planted bug', () => {
  it('in a field of an answer is found', async () => {
    const { readUser } = tests.useCases;
    const renaming = await tests.serve({
      readUser: async (principal, id) => {
        const { version, json } = await readUser(principal, id);
        return { version, json: json.replace('"name"', '"fullName"') };
      },
    });
    await expect(verify(renaming, pactFiles())).rejects.toThrow(/missing the following keys: name/);
  });

  it('in a field of an event is found', async () => {
    const withoutUser = async () => {
      const { message, ...rest } = await readMessage('UserRegistered');
      return { ...rest, message: { eventId: message.eventId, user: message.userId } };
    };
    const verified = verify(await tests.serve(), pactFiles(), { UserRegistered: withoutUser });
    await expect(verified).rejects.toThrow(/missing the following keys: userId/);
  });
});
