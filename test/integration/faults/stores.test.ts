// Faults in front of the real PostgreSQL and Redis: the errors that the adapters make of them, and that the adapters work again afterwards.

import { randomUUID } from 'node:crypto';

import { afterEach, describe, expect, it } from 'vitest';

import { parseFaultPlan } from '../../../src/faults/fault-plan.ts';
import { makeFaultScopes } from '../../../src/faults/fault-scopes.ts';
import { makeInject } from '../../../src/faults/inject.ts';
import { addPoolFaults, addRedisFaults } from '../../../src/faults/store-faults.ts';
import { makePostgresCheck, REQUIRED_MIGRATION } from '../../../src/postgres/postgres-check.ts';
import { query } from '../../../src/postgres/query.ts';
import { makeTransact } from '../../../src/postgres/transact.ts';
import { makeUserReader } from '../../../src/postgres/users/user-reader.ts';
import { makeCachedUserReader } from '../../../src/redis/cached-user-reader.ts';
import { makeRedisCheck } from '../../../src/redis/client.ts';
import { makeRedisLimitStore } from '../../../src/redis/limit-store.ts';
import { makeMemoryLimitStore } from '../../../src/rate-limit/memory-limit-store.ts';
import type { UserId } from '../../../src/users/user.ts';
import { makeTestRedis } from '../../support/test-redis.ts';
import { appPool, usePool, type DatabaseAndPool } from '../../support/use-pool.ts';
import { connectedRedis } from '../redis/arrange.ts';

let made: DatabaseAndPool;
usePool((it) => (made = it));

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Injects `text` until `stop` is called. */
const faults = (text: string) => {
  const parsed = parseFaultPlan(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  let random = 0;
  const inject = makeInject({
    plan: parsed.value,
    scopes: makeFaultScopes(),
    random: () => random,
    onInjected: () => undefined,
  });
  return { inject, stop: () => (random = 0.9999), start: () => (random = 0) };
};

const faultyPool = (text: string) => {
  const { inject, ...control } = faults(text);
  const pool = addPoolFaults(appPool(made.database, { max: 2, statementTimeoutMs: 100, lockTimeoutMs: 50 }), inject);
  closing.push(() => pool.end());
  return { pool, ...control };
};

const faultyRedis = async (text: string, commandTimeoutMs = 100) => {
  const { inject, stop } = faults(text);
  const client = await connectedRedis(makeTestRedis());
  closing.push(() => {
    client.disconnect();
  });
  return { redis: addRedisFaults(client, inject, { commandTimeoutMs }), stop };
};

const ONE = { text: 'SELECT 1 AS one' };
const took = async (work: Promise<unknown>): Promise<number> => {
  const begin = performance.now();
  await work;
  return performance.now() - begin;
};

describe('PostgreSQL', () => {
  it.each([
    ['error', 'STORE_UNAVAILABLE', 'injected by FAULT_INJECTION (postgres:error)'],
    ['hang', 'STORE_TIMEOUT', 'injected by FAULT_INJECTION (postgres:hang)'],
    ['latency=60000', 'STORE_TIMEOUT', 'injected by FAULT_INJECTION (postgres:latency)'],
  ])('%s is %s, for a statement, a transaction and readiness, and ends', async (kind, code, message) => {
    const { pool, stop } = faultyPool(`postgres:${kind}@99%`);
    const check = makePostgresCheck({ pool, requiredMigration: REQUIRED_MIGRATION });
    const error = { code, cause: { cause: { message } } };
    await expect(query(pool, ONE)).rejects.toMatchObject(error);
    await expect(makeTransact(pool)(() => Promise.resolve())).rejects.toMatchObject(error);
    await expect(check()).rejects.toMatchObject(error);
    expect(pool.totalCount, 'connections in an unknown state are closed').toBe(0);

    stop();
    await expect(query(pool, ONE)).resolves.toMatchObject({ rows: [{ one: 1 }] });
    await expect(check()).resolves.toBeUndefined();
  });

  it('a latency delays each statement and changes no result', async () => {
    const { pool } = faultyPool('postgres:latency=40@99%');
    expect(await took(makeTransact(pool)(() => Promise.resolve()))).toBeGreaterThan(75); // BEGIN and COMMIT
    await expect(query(pool, ONE)).resolves.toMatchObject({ rows: [{ one: 1 }] });
  });

  it('rolls a transaction back whose commit fails', async () => {
    const { pool, stop, start } = faultyPool('postgres:error@99%');
    const id = randomUUID();
    stop();
    const committing = makeTransact(pool)(async ({ inbox }) => {
      await inbox.add('faults', id);
      start();
    });
    await expect(committing).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    const { rows } = await query(made.pool, { text: 'SELECT event_id FROM inbox WHERE event_id = $1', values: [id] });
    expect(rows).toEqual([]);
  });
});

describe('Redis', () => {
  it.each([
    ['error', 'Connection is closed.'],
    ['hang', 'Command timed out'],
    ['latency=100', 'Command timed out'],
  ])('%s fails a command with "%s", and readiness, and ends', async (kind, message) => {
    const { redis, stop } = await faultyRedis(`redis:${kind}@99%`);
    await expect(redis.get('a')).rejects.toThrow(message);
    await expect(makeRedisCheck(redis)()).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    stop();
    await expect(redis.set('a', '1', 'PX', 1000)).resolves.toBe('OK');
    await expect(makeRedisCheck(redis)()).resolves.toBeUndefined();
  });

  it('an error opens the circuit of the cache, which reads the database', async () => {
    const { redis } = await faultyRedis('redis:error@99%');
    const results: string[] = [];
    const reader = makeCachedUserReader({
      ...{ redis, reader: makeUserReader(made.pool), ttlSeconds: 60, negativeTtlSeconds: 5 },
      onResult: (result) => results.push(result),
    });
    expect(await reader.findRepresentation(randomUUID() as UserId)).toBeUndefined();
    expect(results).toEqual(['error']);
  });

  it('fails scripts too: a limit counts by itself until Redis is back', async () => {
    const { redis, stop } = await faultyRedis('redis:error@99%');
    const failures: unknown[] = [];
    const limits = makeRedisLimitStore({
      ...{ redis, name: randomUUID(), fallback: makeMemoryLimitStore({ maxKeys: 10 }) },
      onError: (error) => failures.push(error),
    });
    expect(await limits.take('key', 2)).toMatchObject({ allowed: true, remaining: 1 });
    expect(failures).toHaveLength(1);
    stop();
    expect(await limits.take('key', 2), 'the count of Redis').toMatchObject({ allowed: true, remaining: 1 });
  });

  it('a latency delays a command', async () => {
    const { redis } = await faultyRedis('redis:latency=40@99%');
    expect(await took(redis.get('a'))).toBeGreaterThan(35);
  });
});
