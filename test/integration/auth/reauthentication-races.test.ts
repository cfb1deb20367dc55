// Entering the password again takes as long as a password hash: what happens meanwhile decides whether there is a token.

import type pg from 'pg';
import { describe, expect, it } from 'vitest';

import { usePool } from '../../support/use-pool.ts';
import { aHasher, arrangeUser, interrupted, OLD } from './arrange.ts';

let pool: pg.Pool;

usePool((made) => ({ pool } = made));

const signedIn = async () => {
  const user = await arrangeUser(pool);
  const [sessionId = ''] = (await user.logIn(OLD)).refresh_token.split('.');
  return { user, sessionId };
};

describe('entering the password again', () => {
  it.each([
    ['the session ends', 'endSession'],
    ['the password is changed by another session', 'changePassword'],
    ['the account is erased', 'erase'],
  ] as const)('gets no token when meanwhile %s', async (_, event) => {
    const { user, sessionId } = await signedIn();
    const events = {
      endSession: () => user.endSession(sessionId),
      changePassword: user.changePassword,
      erase: user.erase,
    };

    // eslint-disable-next-line security/detect-object-injection -- one of three names
    const entered = user.reauthenticate(OLD, sessionId, interrupted(aHasher(), events[event]));

    await expect(entered).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  });

  it('gets its token when meanwhile a sign-in has replaced the hash of older parameters', async () => {
    const { user, sessionId } = await signedIn();
    const rehash = () => user.logIn(OLD, aHasher(2));

    const entered = user.reauthenticate(OLD, sessionId, interrupted(aHasher(), rehash));

    await expect(entered).resolves.toHaveProperty('access_token');
  });
});
