// What consumers agreed on with the release before this one: they are not deployed with us, so they still count on it.

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { makeOutboxMessages } from '../contract/outbox-messages.ts';
import { makeVerify, type Verify } from '../contract/verify.ts';
import { makeTestApp, type TestApp } from '../support/http/make-test-app.ts';
import { makeTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { makeTestRedis } from '../support/test-redis.ts';
import { saw } from './process.ts';

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
  it.runIf(pacts.length > 0)('agreed on contracts that we keep', async () => {
    await expect(verify(await tests.serve(), { pactUrls: [...pacts] })).resolves.toBeUndefined();
    saw(`${name} · its contracts and our service`, `${pacts.length} verified`);
  });

  it.runIf(pacts.length > 0)('agreed on contracts that a renamed field would break', async () => {
    const { readUser } = tests.useCases;
    const renaming = await tests.serve({
      readUser: async (principal, id) => {
        const { version, json } = await readUser(principal, id);
        return { version, json: json.replace('"name"', '"fullName"') };
      },
    });
    await expect(verify(renaming, { pactUrls: [...pacts] })).rejects.toThrow(/missing the following keys: name/);
    saw(`${name} · a planted renamed field`, 'found');
  });
});
