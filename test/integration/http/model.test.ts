// Random sequences of calls, each answer compared with a model of users, sessions and orders (see model/). When one differs, fast-check shrinks
// the sequence and prints it with its seed: give both to `fc.assert` (`{ seed, path }`) to see it again.

import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Api } from '../../../src/http/api.ts';
import { serviceHeaders } from '../../support/http/actors.ts';
import { makeTestApp } from '../../support/http/make-test-app.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { makeTestRedis } from '../../support/test-redis.ts';
import { PLANTED_BUGS } from './fixtures/planted-bugs.ts';
import { accountCommands, PASSWORDS, registerUser } from './model/accounts.ts';
import type { Command, Send, Service } from './model/command.ts';
import { listCommands } from './model/lists.ts';
import { emptyModel } from './model/model.ts';
import { orderCommands } from './model/orders.ts';
import { logIn, sessionCommands } from './model/sessions.ts';

const TIME_LIMIT_MS = 8000;

let database: TestDatabase;
let admin: pg.Client;
let whole: Awaited<ReturnType<typeof makeTestApp>>;
let app: Api;
let serviceToken: string;

beforeAll(async () => {
  database = await makeTestDatabase();
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  whole = await makeTestApp({ database, redis: makeTestRedis() });
  app = await whole.serve();
  serviceToken = (await serviceHeaders(app)).authorization.replace('Bearer ', '');
});

afterAll(async () => {
  await app.close();
  await whole.close();
  await admin.end();
  await database.drop();
});

const send: Send = async (request) => {
  const { statusCode: status, headers, body } = await app.inject(request);
  return { status, headers, body };
};

const person = (username: string) => ({ username, name: username, email: `${username}@example.com` });

/** Two users are there from the start, so that sequences soon reach what happens between them. */
const BEGINNING: readonly Command[] = [
  ...['ann', 'bob'].map((name) => registerUser({ ...person(name), password: PASSWORDS[0] })),
  ...['ann', 'bob'].map((login) => logIn({ login })),
];

const commands = fc.commands(
  [accountCommands, sessionCommands, orderCommands, listCommands].flatMap((some) => Object.values(some)),
  { maxCommands: 50, size: 'max' },
);

const behavesAsModelled = (service: Service) =>
  fc.asyncProperty(commands, async (sequence) => {
    await admin.query('DELETE FROM users; DELETE FROM idempotency_keys; DELETE FROM outbox');
    const model = emptyModel();
    for (const command of BEGINNING) await command.run(model, service);
    await fc.asyncModelRun(() => ({ model, real: service }), sequence);
  });

describe('the API, called at random', { timeout: 60_000 }, () => {
  it('answers as the model says', async () => {
    const limits = { numRuns: 1000, interruptAfterTimeLimit: TIME_LIMIT_MS };
    const details = await fc.check(behavesAsModelled({ send, serviceToken }), limits);

    expect(details.failed, fc.defaultReportMessage(details)).toBe(false);
    expect(details.numRuns).toBeGreaterThan(5);
  });

  it.each(Object.entries(PLANTED_BUGS))('finds %s', async (_bug, plant) => {
    const limits = { seed: 5, numRuns: 200, endOnFailure: true };
    const { failed } = await fc.check(behavesAsModelled({ send: plant(send), serviceToken }), limits);

    expect(failed).toBe(true);
  });
});
