import { randomBytes, randomUUID } from 'node:crypto';

import type pg from 'pg';
import { describe, expect, it } from 'vitest';

import type { Session } from '../../../src/auth/ports.ts';
import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import { makeSessionStore } from '../../../src/postgres/auth/session-store.ts';
import { usePool } from '../../support/use-pool.ts';
import { aRegistration } from './arrange.ts';

let pool: pg.Pool;

usePool((made) => ({ pool } = made));

const hoursFromNow = (hours: number): Date => new Date(Date.now() + hours * 3_600_000);

const registered = async (): Promise<string> => {
  const registration = aRegistration();
  await makeRegistrationStore(pool).insert(registration);
  return registration.user.id;
};

const started = async (userId: string, expiresAt = hoursFromNow(1)): Promise<Session> => {
  const session = { id: randomUUID(), userId, tokenHash: randomBytes(32), expiresAt };
  await makeSessionStore(pool).create(session);
  return session;
};

describe('the session store', () => {
  it('rotates the token of an active session and returns its owner', async () => {
    const { id: sessionId, userId, tokenHash } = await started(await registered());
    const rotation = { sessionId, from: tokenHash, to: randomBytes(32), expiresAt: hoursFromNow(2) };

    expect(await makeSessionStore(pool).rotate(rotation)).toBe(userId);
    expect(await makeSessionStore(pool).rotate({ ...rotation, from: rotation.to, to: tokenHash })).toBe(userId);
  });

  it('succeeds for one of 10 concurrent callers with the same token', async () => {
    const { id: sessionId, userId, tokenHash: from } = await started(await registered());

    const owners = await Promise.all(
      Array.from({ length: 10 }, () =>
        makeSessionStore(pool).rotate({ sessionId, from, to: randomBytes(32), expiresAt: hoursFromNow(1) }),
      ),
    );

    expect(owners.filter((owner) => owner !== undefined)).toEqual([userId]);
  });

  it('does not rotate an expired or unknown session', async () => {
    const store = makeSessionStore(pool);
    const expired = await started(await registered(), hoursFromNow(-1));
    const rotation = { from: expired.tokenHash, to: randomBytes(32), expiresAt: hoursFromNow(1) };

    expect(await store.rotate({ ...rotation, sessionId: expired.id })).toBeUndefined();
    expect(await store.rotate({ ...rotation, sessionId: randomUUID() })).toBeUndefined();
  });

  it('ends a session once', async () => {
    const { id, userId } = await started(await registered());

    expect(await makeSessionStore(pool).end(id)).toBe(userId);
    expect(await makeSessionStore(pool).end(id)).toBeUndefined();
  });

  it('ends all sessions of a user, or all but one, and none of other users', async () => {
    const store = makeSessionStore(pool);
    const [userId, otherId] = [await registered(), await registered()];
    const [kept, first, second] = [await started(userId), await started(userId), await started(userId)];
    const other = await started(otherId);

    const endedButOne = await store.endAll(userId, kept.id);
    const endedAll = await store.endAll(userId);

    expect(new Set(endedButOne)).toEqual(new Set([first.id, second.id]));
    expect(endedAll).toEqual([kept.id]);
    expect(await store.end(other.id)).toBe(otherId);
  });
});
