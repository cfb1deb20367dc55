import { randomBytes } from 'node:crypto';

import type pg from 'pg';
import { describe, expect, it } from 'vitest';

import { makeIdempotencyStore } from '../../../src/postgres/idempotency/idempotency-store.ts';
import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import { makeUserReader } from '../../../src/postgres/users/user-reader.ts';
import { toUserRepresentation } from '../../../src/users/user-representation.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { appPool, usePool } from '../../support/use-pool.ts';
import { aRegistration, asAdmin } from './arrange.ts';

let database: TestDatabase;
let pool: pg.Pool;

usePool((made) => ({ database, pool } = made));

const aKeyHash = (): Buffer => randomBytes(32);

describe('the registration store', () => {
  it('writes a user that the reader returns as its representation', async () => {
    const registration = aRegistration();

    await makeRegistrationStore(pool).insert(registration);

    const found = await makeUserReader(pool).findRepresentation(registration.user.id);
    expect(found).toEqual(toUserRepresentation(registration.user));
  });

  it('writes the user, the credential and the outcome of the request together', async () => {
    const keyHash = aKeyHash();
    const registration = { ...aRegistration(), keyHash };

    await makeRegistrationStore(pool).insert(registration);

    expect(await makeIdempotencyStore(pool).find(keyHash)).toEqual({
      kind: 'done',
      outcome: { id: registration.user.id, version: 1 },
    });
    const { rows } = await pool.query('SELECT password_hash FROM credentials WHERE user_id = $1', [
      registration.user.id,
    ]);
    expect(rows).toEqual([{ password_hash: registration.passwordHash }]);
  });

  it('uses one statement on one connection', async () => {
    const single = appPool(database, { max: 1 });
    const statements: unknown[] = [];
    single.on('connect', (client) => {
      const send = client.query.bind(client) as (...args: unknown[]) => unknown;
      Object.assign(client, {
        query: (...args: unknown[]) => {
          statements.push(args[0]);
          return send(...args);
        },
      });
    });

    await makeRegistrationStore(single).insert({ ...aRegistration(), keyHash: aKeyHash() });
    await single.end();

    expect(statements).toEqual([expect.objectContaining({ name: 'register-user' })]);
  });

  it.each([
    ['USERNAME_TAKEN', 'the same user name', { username: 'taken-1' }, { username: 'taken-1' }],
    ['USERNAME_TAKEN', 'a user name in another case', { username: 'taken-2' }, { username: 'TAKEN-2' }],
    ['EMAIL_TAKEN', 'the same e-mail', { email: 'taken-3@example.org' }, { email: 'taken-3@example.org' }],
    ['EMAIL_TAKEN', 'an e-mail in another case', { email: 'taken-4@example.org' }, { email: 'Taken-4@Example.ORG' }],
  ])('throws %s for %s and writes nothing', async (code, _, first, second) => {
    const store = makeRegistrationStore(pool);
    await store.insert(aRegistration(first));
    const conflicting = { ...aRegistration(second), keyHash: aKeyHash() };

    await expect(store.insert(conflicting)).rejects.toMatchObject({ name: 'UserError', code });

    expect(await makeUserReader(pool).findRepresentation(conflicting.user.id)).toBeUndefined();
    expect(await makeIdempotencyStore(pool).find(conflicting.keyHash)).toBeUndefined();
  });

  it('throws IDEMPOTENCY_KEY_IN_USE for the second request with a key and writes no user', async () => {
    const store = makeRegistrationStore(pool);
    const keyHash = aKeyHash();
    await store.insert({ ...aRegistration(), keyHash });
    const second = { ...aRegistration(), keyHash };

    await expect(store.insert(second)).rejects.toMatchObject({
      name: 'IdempotencyError',
      code: 'IDEMPOTENCY_KEY_IN_USE',
    });

    expect(await makeUserReader(pool).findRepresentation(second.user.id)).toBeUndefined();
  });

  it('writes one user for 20 concurrent requests with the same key', async () => {
    const store = makeRegistrationStore(pool);
    const keyHash = aKeyHash();

    const calls = Array.from({ length: 20 }, () => store.insert({ ...aRegistration(), keyHash }));
    const ended = await Promise.allSettled(calls);

    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('keeps the connection after a rejected registration', async () => {
    const single = appPool(database, { max: 1 });
    const registration = aRegistration();
    await makeRegistrationStore(single).insert(registration);
    const processId = async () => (await single.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;
    const before = await processId();

    await expect(makeRegistrationStore(single).insert(registration)).rejects.toThrow();

    expect(await processId()).toBe(before);
    await single.end();
  });

  it('rethrows an error that is not a conflict', async () => {
    const registration = { ...aRegistration(), passwordHash: 'plain' };

    await expect(makeRegistrationStore(pool).insert(registration)).rejects.toMatchObject({ code: '23514' });
  });

  it('deletes the outcome of a registration with its user', async () => {
    const registration = { ...aRegistration(), keyHash: aKeyHash() };
    await makeRegistrationStore(pool).insert(registration);

    await asAdmin(database, (admin) => admin.query('DELETE FROM users WHERE id = $1', [registration.user.id]));

    expect(await makeIdempotencyStore(pool).find(registration.keyHash)).toBeUndefined();
  });
});
