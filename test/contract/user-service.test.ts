// Verifies the service on real PostgreSQL against the contracts of its consumers.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { makeTestApp, type TestApp } from '../support/http/make-test-app.ts';
import { makeTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { makeTestRedis } from '../support/test-redis.ts';
import { makeOutboxMessages, type ReadMessage } from './outbox-messages.ts';
import { pactFiles, pactSource } from './pact-source.ts';
import { makeVerify, type Verify } from './verify.ts';

let database: TestDatabase;
let tests: TestApp;
let readMessage: ReadMessage;
let verify: Verify;

beforeAll(async () => {
  database = await makeTestDatabase();
  tests = await makeTestApp({ database, redis: makeTestRedis() });
  readMessage = await makeOutboxMessages(tests.pool);
  verify = makeVerify(tests, readMessage);
});
afterAll(async () => {
  await tests.close();
  await database.drop();
});

describe('user-service', () => {
  it('satisfies the contracts of its consumers', async () => {
    await expect(verify(await tests.serve(), pactSource())).resolves.toBeUndefined();
  });
});

describe('a violated contract', () => {
  it('is reported for a renamed field of a response', async () => {
    const { readUser } = tests.useCases;
    const renaming = await tests.serve({
      readUser: async (principal, id) => {
        const { version, json } = await readUser(principal, id);
        return { version, json: json.replace('"email"', '"mail"') };
      },
    });
    await expect(verify(renaming, pactFiles())).rejects.toThrow(/missing the following keys: email/);
  });

  it('is reported for a renamed field of an event', async () => {
    const withoutUser = async () => {
      const { message, ...rest } = await readMessage('UserRegistered');
      return { ...rest, message: { eventId: message.eventId, user: message.userId } };
    };
    const verified = verify(await tests.serve(), pactFiles(), { UserRegistered: withoutUser });
    await expect(verified).rejects.toThrow(/missing the following keys: userId/);
  });
});
