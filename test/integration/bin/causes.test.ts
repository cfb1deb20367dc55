// Why a dependency cannot be used is said in one line, with what an operator can fix: a wrong password, database, host or port.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { EVENTS_DIRECTORY, loadEventSchemas } from '../../../src/avro/schemas.ts';
import { makeSchemaRegistry } from '../../../src/avro/schema-registry.ts';
import { explain } from '../../../src/composition/command-line.ts';
import { makeKafkaClient } from '../../../src/kafka/kafka-client.ts';
import { describeCauses } from '../../../src/observability/describe-error.ts';
import type { ConnectionOptions } from '../../../src/postgres/connection.ts';
import { makeMigrations } from '../../../src/postgres/migrations/migrations.ts';
import { makePostgresCheck } from '../../../src/postgres/postgres-check.ts';
import { makeRedis, makeRedisCheck } from '../../../src/redis/client.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { makeTestRedis } from '../../support/test-redis.ts';
import { appOptions, appPool } from '../../support/use-pool.ts';

const SECRET = 'canary-of-a-password';
let database: TestDatabase;
let closedPort: number;

beforeAll(async () => {
  database = await makeTestDatabase();
  closedPort = await freePort();
});
afterAll(() => database.drop());

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => new Error('nothing failed'),
    (error: unknown) => error,
  );

describe('PostgreSQL', () => {
  const CASES: [string, () => Partial<ConnectionOptions>, RegExp][] = [
    [
      'a wrong password',
      () => ({ password: () => SECRET }),
      /^The database cannot be reached: password authentication failed for user "\w+"$/,
    ],
    ['a wrong user', () => ({ user: 'nobody' }), /^The database cannot be reached: .*"nobody"/],
    ['a wrong database', () => ({ database: 'nowhere' }), /^The database cannot be reached: .*database "nowhere"/],
    ['a wrong port', () => ({ port: closedPort }), /^The database cannot be reached: connect ECONNREFUSED [\d.:]+$/],
    [
      'an unknown host',
      () => ({ host: 'nowhere.invalid' }),
      /^The database cannot be reached: getaddrinfo E\w+ nowhere\.invalid$/,
    ],
    [
      'a server without TLS',
      () => ({ tls: 'require' }),
      /^The database cannot be reached: The server does not support SSL connections$/,
    ],
  ];

  it.each(CASES)('%s', async (_, options, expected) => {
    const pool = appPool(database, options());
    const failure = await failureOf(makePostgresCheck({ pool, requiredMigration: 'any' })());
    await pool.end();
    expect(describeCauses(failure)).toMatch(expected);
    expect(describeCauses(failure)).not.toContain(SECRET);
  });

  it.each(CASES)('for `migrate`: %s', async (_, options, expected) => {
    const connection = { ...appOptions(database), user: database.ownerUser, password: () => database.ownerPassword };
    const failure = await failureOf(makeMigrations({ connection: { ...connection, ...options() } }).status());
    expect(explain(failure, '').text).toMatch(expected);
  });
});

describe('Redis', () => {
  const failing = async (options: Partial<Parameters<typeof makeRedis>[0]>): Promise<string> => {
    const { host, port, keyPrefix, password } = makeTestRedis();
    const at = { host, port, keyPrefix, tls: false, connectTimeoutMs: 2000, commandTimeoutMs: 500 };
    const own = password === undefined ? {} : { password: () => password };
    const redis = makeRedis({ ...at, ...own, ...options, onError: () => undefined });
    const check = makeRedisCheck(redis);
    await redis.connect().catch(() => undefined);
    const text = await eventually(async () => {
      const found = describeCauses(await failureOf(check()));
      expect(found).not.toContain('writeable');
      return found;
    });
    redis.disconnect();
    return text;
  };

  it('a wrong password', async () => {
    const text = await failing({ username: 'nobody', password: () => SECRET });
    expect(text).toMatch(/^Redis cannot be used: WRONGPASS /);
    expect(text).not.toContain(SECRET);
  });

  it('a wrong port', async () => {
    expect(await failing({ port: closedPort })).toMatch(/^Redis cannot be used: connect ECONNREFUSED [\d.:]+$/);
  });
});

describe('Kafka and the schema registry', () => {
  it.each(['kafkajs', 'platformatic'] as const)('a wrong port, with %s', async (client) => {
    const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
    const timeouts = { connectTimeoutMs: 1000, requestTimeoutMs: 2000, sendTimeoutMs: 2000 };
    const kafka = await makeKafkaClient({
      client,
      brokers: [`127.0.0.1:${closedPort}`],
      clientId: 'causes',
      tls: false,
      logger,
      ...timeouts,
    });
    const failure = await failureOf(kafka.check());
    await kafka.close();
    expect(describeCauses(failure)).toMatch(/^no broker responds: .*ECONNREFUSED/);
  });

  it('a registry with a wrong port', async () => {
    const schemas = await loadEventSchemas(EVENTS_DIRECTORY);
    const url = `http://ann:${SECRET}@127.0.0.1:${closedPort}`;
    const registry = makeSchemaRegistry({ url, username: '', timeoutMs: 1000, schemas });
    const text = describeCauses(await failureOf(registry.check()));
    expect(text).toMatch(/^The schema registry did not respond: .*ECONNREFUSED/);
    expect(text).not.toContain(SECRET);
  });
});
