// Model-based test: random sequences of calls, each response compared with a model of users, sessions and orders (see model/). On a difference,
// fast-check shrinks the sequence and prints it with its seed and path: pass both to `fc.assert` (`{ seed, path }`) to reproduce it.

import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Api } from '../../../src/http/api.ts';
import { serviceHeaders } from '../../support/http/actors.ts';
import { makeTestApp } from '../../support/http/make-test-app.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { makeTestRedis } from '../../support/test-redis.ts';
import { FAULTY_SERVICES } from './fixtures/faulty-services.ts';
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

/** Each sequence starts with two users, so that it soon reaches interactions between them. */
const INITIAL_COMMANDS: readonly Command[] = [
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
    for (const command of INITIAL_COMMANDS) await command.run(model, service);
    await fc.asyncModelRun(() => ({ model, real: service }), sequence);
  });

describe('the API under random calls', { timeout: 60_000 }, () => {
  it('responds like the model', async () => {
    const limits = { numRuns: 1000, interruptAfterTimeLimit: TIME_LIMIT_MS };
    const details = await fc.check(behavesAsModelled({ send, serviceToken }), limits);

    expect(details.failed, fc.defaultReportMessage(details)).toBe(false);
    expect(details.numRuns).toBeGreaterThan(5);
  });

  it.each(Object.entries(FAULTY_SERVICES))('finds %s', async (_fault, makeFaulty) => {
    const limits = { seed: 5, numRuns: 200, endOnFailure: true };
    const { failed } = await fc.check(behavesAsModelled({ send: makeFaulty(send), serviceToken }), limits);

    expect(failed).toBe(true);
  });
});
