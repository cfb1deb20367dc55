// A sign-in takes as long as a password hash. What happens to the account meanwhile decides whether it gets a session.

import type pg from 'pg';
import { describe, expect, it } from 'vitest';

import { CLIENT_ADDRESS } from '../../support/fakes/guesses.ts';
import { usePool } from '../../support/use-pool.ts';
import { aHasher, arrangeUser, interrupted, NEW, OLD } from './arrange.ts';

let pool: pg.Pool;

usePool((made) => ({ pool } = made), { max: 8 });

const REFUSED = { code: 'CREDENTIALS_WRONG' };

describe('a sign-in', () => {
  it('gets no session when the password is changed after it was verified', async () => {
    const user = await arrangeUser(pool);

    const signIn = user.logIn(OLD, interrupted(aHasher(), user.changePassword));

    await expect(signIn).rejects.toMatchObject(REFUSED);
    expect(await user.countSessions()).toBe(0);
    expect(user.reported.at(-1)).toEqual(['signInRefused', { reason: 'credentials', address: CLIENT_ADDRESS.address }]);
    await expect(user.logIn(NEW)).resolves.toHaveProperty('refresh_token');
  });

  it('is refused when the account is erased after the password was verified', async () => {
    const user = await arrangeUser(pool);

    const signIn = user.logIn(OLD, interrupted(aHasher(), user.erase));

    await expect(signIn).rejects.toMatchObject(REFUSED);
    expect(user.reported.at(-1)).toEqual(['signInRefused', { reason: 'credentials', address: CLIENT_ADDRESS.address }]);
  });

  it('replaces a hash of older parameters, and gets its session', async () => {
    const user = await arrangeUser(pool);
    const stronger = aHasher(2);

    await user.logIn(OLD, stronger);

    expect((await user.credentials.findByUserId(user.id))?.passwordHash).toContain('t=2');
    expect(await user.countSessions()).toBe(1);
  });

  it('gets its session when another sign-in has replaced the hash of older parameters meanwhile', async () => {
    const user = await arrangeUser(pool);
    const stronger = aHasher(2);

    const signIn = user.logIn(
      OLD,
      interrupted(stronger, () => user.logIn(OLD, stronger)),
    );

    await expect(signIn).resolves.toHaveProperty('refresh_token');
    expect(await user.countSessions()).toBe(2);
  });

  it('does not undo a change of password by replacing the hash of older parameters', async () => {
    const user = await arrangeUser(pool);
    const stronger = aHasher(2);
    const hashAfterChange = async (password: string): Promise<string> => {
      await user.changePassword();
      return stronger.hash(password);
    };

    await user.logIn(OLD, { ...stronger, hash: hashAfterChange });

    expect(await user.countSessions()).toBe(0);
    await expect(user.logIn(OLD)).rejects.toMatchObject(REFUSED);
    await expect(user.logIn(NEW)).resolves.toHaveProperty('refresh_token');
  });
});

/** Signs in again and again until `change` has ended, so that sign-ins are under way at each of its steps. */
const signInDuring = async (signIn: () => Promise<unknown>, change: () => Promise<unknown>): Promise<unknown[]> => {
  const results: unknown[] = [];
  let isOver = false;
  const signInAgain = async (): Promise<void> => {
    while (!isOver) results.push(await signIn().catch((error: unknown) => error));
  };
  const signingIn = Array.from({ length: 6 }, signInAgain);
  await change().finally(() => (isOver = true));
  await Promise.all(signingIn);
  return results;
};

const isError = (result: unknown): boolean => result instanceof Error;

describe('many sign-ins', () => {
  it('with the old password leave no session behind a change of password', async () => {
    for (let round = 0; round < 20; round += 1) {
      const user = await arrangeUser(pool);

      const results = await signInDuring(() => user.logIn(OLD), user.changePassword);

      expect(await user.countSessions()).toBe(0);
      for (const error of results.filter(isError)) expect(error).toMatchObject(REFUSED);
    }
  });

  it('around an erasure succeed or are refused, and the sessions that had started are revoked', async () => {
    for (let round = 0; round < 20; round += 1) {
      const user = await arrangeUser(pool);

      const results = await signInDuring(() => user.logIn(OLD), user.erase);

      const started = results.filter((result) => !isError(result)) as { refresh_token: string }[];
      expect(new Set(started.map((tokens) => tokens.refresh_token.split('.')[0]))).toEqual(user.revoked);
      for (const error of results.filter(isError)) expect(error).toMatchObject(REFUSED);
    }
  });
});

describe('a change of password', () => {
  it('and an erasure at the same time both end, without a deadlock', async () => {
    for (let round = 0; round < 20; round += 1) {
      const user = await arrangeUser(pool);
      await user.logIn(OLD);

      const [changed, erased] = await Promise.allSettled([user.changePassword(), user.erase()]);

      expect(erased.status).toBe('fulfilled');
      if (changed.status === 'rejected')
        expect(['USER_NOT_FOUND', 'PASSWORD_WRONG']).toContain((changed.reason as { code: string }).code);
      expect(await user.countSessions()).toBe(0);
    }
  });
});
