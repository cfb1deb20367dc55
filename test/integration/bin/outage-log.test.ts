// What an outage of PostgreSQL or Redis leaves in the log of the api process: its cause in one line, and not one warning per failed request.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newSigningKey } from '../../../src/auth/tokens/new-signing-key.ts';
import { startProgram } from '../../support/child-process.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { makeTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { makeTestRedis } from '../../support/test-redis.ts';

const REQUESTS = 200;

type Line = Readonly<Record<string, unknown>>;

const secrets = mkdtempSync(join(tmpdir(), 'user-service-outage-'));
let database: TestDatabase;
let postgres: TcpProxy;
let redis: TcpProxy;
let program: ReturnType<typeof startProgram>;
let url: string;
let managementUrl: string;

const lines = (): Line[] =>
  program.output.stdout
    .split('\n')
    .filter((text) => text.endsWith('}'))
    .map((text) => JSON.parse(text) as Line)
    .filter(({ log }) => log !== 'audit');
/** Warnings and errors. On a busy machine Redis may be slow at any time, so those about it are not those about PostgreSQL. */
const warnings = (about: 'database' | 'redis'): Line[] =>
  lines().filter(({ level, reason }) => level !== 'info' && String(reason).startsWith('Redis') === (about === 'redis'));

const logIn = async (): Promise<number> => {
  const body = JSON.stringify({ login: 'nobody', password: 'three quiet rivers' });
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
  return (await fetch(`${url}/api/v1/auth/login`, init)).status;
};

const becomes = (status: number): Promise<void> =>
  eventually(
    async () => {
      expect((await fetch(`${managementUrl}/health/ready`)).status).toBe(status);
    },
    { deadlineMs: 30_000 },
  );

/** Samples of the histogram of requests with this status. */
const counted = async (status: number): Promise<number> => {
  const text = await (await fetch(`${managementUrl}/metrics`)).text();
  const samples = text.matchAll(/^http_request_duration_seconds_count\{([^}]*)\} (\d+)$/gm);
  return [...samples].reduce(
    (sum, [, labels = '', count]) => sum + (labels.includes(`status="${status}"`) ? Number(count) : 0),
    0,
  );
};

beforeAll(async () => {
  database = await makeTestDatabase();
  writeFileSync(join(secrets, 'postgres_password'), `${database.appPassword}\n`);
  writeFileSync(join(secrets, 'auth_signing_keys'), JSON.stringify({ keys: [await newSigningKey()] }));
  const cache = makeTestRedis();
  [postgres, redis] = [await makeTcpProxy(database), await makeTcpProxy(cache)];
  const [port, managementPort] = [await freePort(), await freePort()];
  [url, managementUrl] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${managementPort}`];
  program = startProgram('api', {
    env: {
      DD_ENV: 'staging',
      DD_VERSION: '1.2.3',
      SECRETS_DIR: secrets,
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: String(port),
      HTTP_MANAGEMENT_HOST: '127.0.0.1',
      HTTP_MANAGEMENT_PORT: String(managementPort),
      HTTP_RATE_LIMIT_BURST: '10000',
      HTTP_RATE_LIMIT_PER_SECOND: '10000',
      HTTP_STRICT_LIMIT_PER_MINUTE: '10000',
      POSTGRES_HOST: postgres.host,
      POSTGRES_PORT: String(postgres.port),
      POSTGRES_DATABASE: database.database,
      POSTGRES_USER: database.appUser,
      REDIS_COMMAND_TIMEOUT_MS: '500', // a busy machine is no outage
      REDIS_HOST: redis.host,
      REDIS_PORT: String(redis.port),
      REDIS_KEY_PREFIX: cache.keyPrefix,
      ...(cache.password !== undefined && { REDIS_PASSWORD: cache.password }),
    },
  });
  await becomes(200);
}, 60_000);
afterAll(async () => {
  program.kill('SIGKILL');
  await program.exited;
  await Promise.all([postgres.close(), redis.close(), database.drop()]);
  rmSync(secrets, { recursive: true });
});

/** Sends requests, 20 at a time. @returns the statuses that they got */
const logInTimes = async (times: number): Promise<Set<number>> => {
  const statuses = new Set<number>();
  for (let sent = 0; sent < times; sent += 20)
    for (const status of await Promise.all(Array.from({ length: 20 }, logIn))) statuses.add(status);
  return statuses;
};

const endOf = (dependency: string): Promise<Line> =>
  eventually(
    () => {
      const found = lines().find(
        (line) => line.msg === 'failures of a dependency ended' && line.dependency === dependency,
      );
      if (found === undefined) throw new Error(`The failures of ${dependency} have not ended.`);
      return found;
    },
    { deadlineMs: 30_000 },
  );

const describeLines = (found: readonly Line[]): string =>
  found.map(({ level, msg, reason }) => [level, msg, reason].join(' · ')).join('\n');

describe('the log of bin/api', { timeout: 60_000 }, () => {
  it('has at most three warnings about an outage of PostgreSQL in which 200 requests fail, and says how many failed', async () => {
    await logInTimes(20); // opens the connections that are lost
    const before = warnings('database').length;
    postgres.down();
    expect(await logInTimes(REQUESTS)).toEqual(new Set([503]));
    await becomes(503);
    postgres.up();
    await becomes(200);

    const end = await endOf('postgres');
    expect(end).toMatchObject({ level: 'info', code: 'STORE_UNAVAILABLE' });
    expect(end.count).toBeGreaterThanOrEqual(REQUESTS);
    expect(end.durationMs).toBeGreaterThan(0);
    const found = warnings('database').slice(before);
    expect(found.length).toBeGreaterThan(0);
    expect(found.length, describeLines(found)).toBeLessThanOrEqual(3);
    for (const { reason } of found.filter(({ msg }) => msg !== 'process is not ready'))
      expect(reason).toMatch(/^The database cannot be reached: .*(?:ECONNRESET|terminated)/);
    const completed = lines().filter(({ msg, status }) => msg === 'request completed' && status === 503);
    expect(completed.length).toBeGreaterThanOrEqual(REQUESTS);
    expect(completed.filter(({ err }) => err !== undefined)).toEqual([]);
    expect(await counted(503)).toBe(completed.length);
  });

  it('has at most three warnings about an outage of Redis, whatever was done without it', async () => {
    const before = warnings('redis').length;
    redis.down();
    await logInTimes(REQUESTS / 4);
    await eventually(() => {
      expect(lines().some(({ msg, dependency }) => msg === 'dependency is down' && dependency === 'redis')).toBe(true);
    });
    redis.up();

    expect((await endOf('redis')).count).toBeGreaterThan(1);
    const found = warnings('redis').slice(before);
    expect(found.length).toBeGreaterThan(0);
    expect(found.length, describeLines(found)).toBeLessThanOrEqual(3);
    for (const { reason } of found) expect(reason).toMatch(/^Redis cannot be used: .*(?:ECONNRESET|closed)/);
  });
});
