// A statement that waits for a strong lock blocks everybody who comes after it: what callers of the API notice of a migration.

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { InjectOptions } from 'fastify';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import type { Api } from '../../../src/http/api.ts';
import { newRegistration, newUser, type TestUser } from '../../support/http/actors.ts';
import { makeTestApp, type TestApp } from '../../support/http/make-test-app.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { makeTestRedis } from '../../support/test-redis.ts';
import { asAdmin } from './arrange.ts';
import { copyOfMigrations, migrationsOf } from './arrange-migrations.ts';

let database: TestDatabase;
let app: TestApp;
let api: Api;
let users: TestUser[];
let directory: string;

beforeAll(async () => {
  database = await makeTestDatabase();
  app = await makeTestApp({ database, redis: makeTestRedis() });
  api = await app.serve();
  users = await Promise.all([newUser(api), newUser(api), newUser(api)]);
  directory = await copyOfMigrations();
});
afterEach(async () => {
  await migrationsOf(database, { directory }).down();
});
afterAll(async () => {
  await api.close();
  await app.close();
  await database.drop();
  await rm(directory, { recursive: true });
});

/** Requests that read and write users and orders, one after another for each user, until it is stopped. */
const startTraffic = () => {
  const statusCodes: number[] = [];
  const stop = new AbortController();
  const send = async (request: InjectOptions): Promise<void> => {
    const { statusCode } = await api.inject(request);
    statusCodes.push(statusCode);
  };
  const use = async ({ headers }: TestUser): Promise<void> => {
    const order = { amountMinor: 1999, currency: 'EUR' };
    while (!stop.signal.aborted) {
      await send({ method: 'POST', url: '/api/v1/orders', headers, payload: order });
      await send({ method: 'GET', url: '/api/v1/orders', headers });
      await send({ method: 'POST', url: '/api/v1/users', payload: newRegistration() });
    }
  };
  const running = Promise.all(users.map(use));
  return async (): Promise<{ failed: number[]; requests: number }> => {
    stop.abort();
    await running;
    return { failed: statusCodes.filter((code) => code >= 400), requests: statusCodes.length };
  };
};

/** A backup: reads `users` and holds its lock until it is told to end. */
const duringBackup = (work: (end: () => Promise<unknown>) => Promise<void>): Promise<void> =>
  asAdmin(database, async (reader) => {
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await reader.query('SELECT count(*) FROM users');
    await work(() => reader.query('COMMIT'));
  });

it.each([
  ['adds a column', 'ALTER TABLE users ADD COLUMN nickname TEXT;', 'ALTER TABLE users DROP COLUMN nickname;'],
  [
    'changes two tables',
    'ALTER TABLE orders ADD COLUMN note TEXT; ALTER TABLE users ADD COLUMN nickname TEXT;',
    'ALTER TABLE users DROP COLUMN nickname; ALTER TABLE orders DROP COLUMN note;',
  ],
])('a migration that %s beside a backup fails no request: none waits for its lock timeout', async (_, up, down) => {
  await writeFile(join(directory, '9000_more.sql'), `-- Up Migration\n${up}\n-- Down Migration\n${down}\n`);
  const endTraffic = startTraffic();
  const lines: string[] = [];

  await duringBackup(async (endBackup) => {
    const report = (line: string) => {
      lines.push(line);
      if (line.includes('try 3')) void endBackup();
    };
    const patience = { firstPauseMs: 500, maxPauseMs: 500 };
    expect(await migrationsOf(database, { directory, report, patience }).up()).toEqual(['9000_more']);
  });
  const { failed, requests } = await endTraffic();

  expect(lines.length).toBeGreaterThanOrEqual(3); // more when a try gives way to callers
  expect(failed).toEqual([]);
  expect(requests).toBeGreaterThan(100);
});
