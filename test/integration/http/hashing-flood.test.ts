// A flood of sign-ins with hashing that is the bottleneck, as in production: strangers get what is left, not everything.

import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, it } from 'vitest';

import type { Api } from '../../../src/http/api.ts';
import { eventually } from '../../support/eventually.ts';
import { newUser, PASSWORD } from '../../support/http/actors.ts';
import { makeTestApp, type TestApp } from '../../support/http/make-test-app.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { makeTestRedis } from '../../support/test-redis.ts';
import { usePool } from '../../support/use-pool.ts';

let database: TestDatabase;
usePool((made) => ({ database } = made));

let whole: TestApp;
let app: Api;
beforeAll(async () => {
  const hashing = { argon2MemoryKib: 8192, argon2Passes: 2 };
  whole = await makeTestApp({ database, redis: makeTestRedis(), hashing });
  app = await whole.serve({
    options: { strictLimitPerMinute: 1000, trustProxy: ['127.0.0.1'], requestTimeoutMs: 60_000 },
  });
});
afterAll(async () => {
  await app.close();
  await whole.close();
});

const logIn = async (login: string, password: string, from: string): Promise<number> => {
  const headers = { 'x-forwarded-for': from };
  return (await app.inject({ method: 'POST', url: '/api/v1/auth/login', payload: { login, password }, headers }))
    .statusCode;
};

/** Sign-ins of unknown logins, again and again, from `networks` networks at the same time. */
const startFlood = (networks: number) => {
  let stopped = false;
  let rejected = 0;
  const one = async (from: string): Promise<void> => {
    while (!stopped) if ((await logIn(randomUUID(), PASSWORD, from)) === 503) rejected += 1;
  };
  const all = Promise.all(Array.from({ length: networks }, (_, index) => one(`198.18.${index}.1`)));
  return {
    rejected: () => rejected,
    stop: async (): Promise<void> => {
      stopped = true;
      await all;
    },
  };
};

it('does not keep users out, at an address that they used before or at a new one', async () => {
  const user = await newUser(app);
  expect(await logIn(user.username, PASSWORD, '203.0.113.1')).toBe(200);
  const flood = startFlood(60);
  await eventually(() => {
    expect(flood.rejected()).toBeGreaterThan(200);
  });

  const statuses: number[] = [];
  for (let time = 0; time < 9; time += 1) statuses.push(await logIn(user.username, PASSWORD, '203.0.113.1'));
  statuses.push(await logIn(user.username, PASSWORD, '192.0.2.1'));
  await flood.stop();

  expect(statuses).toEqual(Array(10).fill(200));
});
