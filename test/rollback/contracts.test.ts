// Verifies the consumer contracts of the previous release: consumers are deployed independently and still rely on them.

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { makeOutboxMessages } from '../contract/outbox-messages.ts';
import { makeVerify, type Verify } from '../contract/verify.ts';
import { makeTestApp, type TestApp } from '../support/http/make-test-app.ts';
import { makeTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { makeTestRedis } from '../support/test-redis.ts';
import { reportCheck } from './process.ts';

let database: TestDatabase;
let tests: TestApp;
let verify: Verify;

beforeAll(async () => {
  database = await makeTestDatabase();
  tests = await makeTestApp({ database, redis: makeTestRedis() });
  verify = makeVerify(tests, await makeOutboxMessages(tests.pool));
});
afterAll(async () => {
  await tests.close();
  await database.drop();
});

describe.each(inject('previous'))('previous release: $name', ({ name, pacts }) => {
  it.runIf(pacts.length > 0)('has contracts that this release satisfies', async () => {
    await expect(verify(await tests.serve(), { pactUrls: [...pacts] })).resolves.toBeUndefined();
    reportCheck(`${name} · its contracts, this service`, `${pacts.length} verified`);
  });

  it.runIf(pacts.length > 0)('has contracts that a renamed field violates', async () => {
    const { readUser } = tests.useCases;
    const renaming = await tests.serve({
      readUser: async (principal, id) => {
        const { version, json } = await readUser(principal, id);
        return { version, json: json.replace('"email"', '"mail"') };
      },
    });
    await expect(verify(renaming, { pactUrls: [...pacts] })).rejects.toThrow(/missing the following keys: email/);
    reportCheck(`${name} · violation: a renamed field`, 'found');
  });
});
