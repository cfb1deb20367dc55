import { randomUUID } from 'node:crypto';

import type pg from 'pg';
import { describe, expect, it } from 'vitest';

import { makeCredentialReader } from '../../../src/postgres/auth/credential-reader.ts';
import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import { makeSessionStore } from '../../../src/postgres/auth/session-store.ts';
import { makeTransact } from '../../../src/postgres/transact.ts';
import { makeUserReader } from '../../../src/postgres/users/user-reader.ts';
import { toUserRepresentation } from '../../../src/users/user-representation.ts';
import type { User } from '../../../src/users/user.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { appPool, usePool } from '../../support/use-pool.ts';
import { aRegistration, aSession, asAdmin, PHC } from './arrange.ts';

let database: TestDatabase;
let pool: pg.Pool;

usePool((made) => ({ database, pool } = made));

const registered = async (values: Partial<User> = {}): Promise<User> => {
  const registration = aRegistration(values);
  await makeRegistrationStore(pool).insert(registration);
  return registration.user;
};

const documentOf = (id: string) => makeUserReader(pool).findRepresentation(id);

describe('a transaction', () => {
  it('commits the writes of its work and returns its result', async () => {
    const user = await registered();
    const changed = { ...user, name: 'Ann B.', version: 2, updatedAt: new Date('2026-02-01T00:00:00.000Z') };

    const result = await makeTransact(pool)(async ({ users }) => {
      await users.update(changed);
      return 'done';
    });

    expect(result).toBe('done');
    expect(await documentOf(user.id)).toEqual(toUserRepresentation(changed));
  });

  it('rolls back the writes of its work and rethrows its error', async () => {
    const user = await registered();
    const fault = new Error('the work failed');

    const ended = makeTransact(pool)(async ({ users, sessions }) => {
      await users.update({ ...user, name: 'Nobody', version: 2 });
      await sessions.start(aSession(user.id));
      throw fault;
    });

    await expect(ended).rejects.toBe(fault);
    expect(await documentOf(user.id)).toEqual(toUserRepresentation(user));
  });

  it('rejects when the work caught the error of a failed statement', async () => {
    const [user, other] = [await registered(), await registered()];

    const ended = makeTransact(pool)(async ({ users }) => {
      await users.update({ ...user, email: other.email }).catch(() => undefined);
    });

    await expect(ended).rejects.toThrow('The transaction was rolled back');
  });

  it('returns every connection to the pool, whatever happens', async () => {
    const single = appPool(database, { max: 1 });
    const transact = makeTransact(single);
    for (let turn = 0; turn < 3; turn += 1) {
      await expect(transact(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
      await transact(() => Promise.resolve());
    }

    expect([single.totalCount, single.idleCount, single.waitingCount]).toEqual([1, 1, 0]);
    await single.end();
  });

  it('throws the first error and closes the connection when the server ended it', async () => {
    const single = appPool(database, { max: 1, applicationName: 'to-be-ended' });

    const ended = makeTransact(single)(async ({ users }) => {
      await asAdmin(database, (admin) =>
        admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'to-be-ended'`),
      );
      await users.findForUpdate(randomUUID());
    });

    await expect(ended).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(single.totalCount).toBe(0);
    expect(await makeTransact(single)(() => Promise.resolve('again'))).toBe('again');
    await single.end();
  });
});

describe('the user store', () => {
  it('finds a user, and none for another id', async () => {
    const user = await registered();

    const found = await makeTransact(pool)(async ({ users }) => [
      await users.findForUpdate(user.id),
      await users.findForUpdate(randomUUID()),
    ]);

    expect(found).toEqual([user, undefined]);
  });

  it('makes a second change of the same user wait for the first', async () => {
    const user = await registered();
    const transact = makeTransact(pool);
    const rise = () =>
      transact(async ({ users }) => {
        const current = await users.findForUpdate(user.id);
        if (current) await users.update({ ...current, version: current.version + 1 });
      });

    await Promise.all([rise(), rise(), rise(), rise()]);

    expect(await documentOf(user.id)).toMatchObject({ version: 5 });
  });

  it('does not block a login of a user who is being changed', async () => {
    const user = await registered();
    const session = aSession(user.id);

    const ended = makeTransact(pool)(async ({ users }) => {
      await users.findForUpdate(user.id);
      await makeSessionStore(pool).start(session);
    });

    await expect(ended).resolves.toBeUndefined();
  });

  it.each([
    ['USERNAME_TAKEN', (other: User) => ({ username: other.username.toUpperCase() })],
    ['EMAIL_TAKEN', (other: User) => ({ email: other.email.toUpperCase() })],
  ])('throws %s for a change to a value of another user', async (code, toChange) => {
    const [user, other] = [await registered(), await registered()];

    const ended = makeTransact(pool)(({ users }) => users.update({ ...user, ...toChange(other) }));

    await expect(ended).rejects.toMatchObject({ code });
  });

  it('erases a user with credential and sessions, once', async () => {
    const user = await registered();
    const session = aSession(user.id);
    await makeSessionStore(pool).start(session);
    const erase = () => makeTransact(pool)(({ users }) => users.erase(user.id));

    expect([await erase(), await erase()]).toEqual([true, false]);
    expect(await documentOf(user.id)).toBeUndefined();
    expect(await makeCredentialReader(pool).findByLogin(user.username)).toBeUndefined();
    expect(await makeSessionStore(pool).end(session.id)).toBeUndefined();
  });
});

describe('credentials', () => {
  it.each([
    ['the user name', (user: User) => user.username],
    ['the user name in another case', (user: User) => user.username.toUpperCase()],
    ['the e-mail', (user: User) => user.email],
    ['the e-mail in another case', (user: User) => user.email.toUpperCase()],
  ])('are found by %s', async (_, loginOf) => {
    const user = await registered();

    const found = await makeCredentialReader(pool).findByLogin(loginOf(user));

    expect(found).toEqual({ userId: user.id, passwordHash: PHC });
  });

  it('are not found by an unknown login', async () => {
    expect(await makeCredentialReader(pool).findByLogin('nobody')).toBeUndefined();
    expect(await makeCredentialReader(pool).findByLogin('nobody@example.org')).toBeUndefined();
  });

  it('are replaced', async () => {
    const user = await registered();
    const replacement = { userId: user.id, passwordHash: `${PHC}2` };

    const before = await makeTransact(pool)(async ({ credentials }) => {
      const found = await credentials.findForUpdate(user.id);
      await credentials.replace(replacement);
      return found;
    });

    expect(before).toEqual({ userId: user.id, passwordHash: PHC });
    expect(await makeCredentialReader(pool).findByLogin(user.email)).toEqual(replacement);
  });
});
