import { randomBytes, randomUUID } from 'node:crypto';

import type pg from 'pg';
import { describe, expect, it } from 'vitest';

import type { Rotation, Session } from '../../../src/auth/ports.ts';
import { makeRegistrationStore } from '../../../src/postgres/users/registration-store.ts';
import { makeSessionStore } from '../../../src/postgres/auth/session-store.ts';
import { usePool } from '../../support/use-pool.ts';
import { aRegistration, aSession, PHC } from './arrange.ts';

let pool: pg.Pool;

usePool((made) => ({ pool } = made));

const hoursFromNow = (hours: number): Date => new Date(Date.now() + hours * 3_600_000);

const registered = async (): Promise<string> => {
  const registration = aRegistration();
  await makeRegistrationStore(pool).insert(registration);
  return registration.user.id;
};

const started = async (userId: string, expiresAt = hoursFromNow(1)): Promise<Session> => {
  const session = aSession(userId, { expiresAt });
  await makeSessionStore(pool).start(session);
  return session;
};

const rotationOf = (
  { id: sessionId, tokenHash: from, familyHash }: Session,
  values: Partial<Rotation> = {},
): Rotation => ({
  ...{ sessionId, from, to: randomBytes(32), familyHash, expiresAt: hoursFromNow(2), maxLifetimeSeconds: 7200 },
  ...values,
});

describe('the session store', () => {
  it('starts a session only with the hash that the credential has', async () => {
    const store = makeSessionStore(pool);
    const userId = await registered();

    expect(await store.start(aSession(userId))).toBe(true);
    expect(await store.start(aSession(userId, { verifiedHash: `${PHC}x` }))).toBe(false);
    expect(await store.start(aSession(randomUUID()))).toBe(false);
    expect(await store.endAll(userId)).toHaveLength(1);
  });

  it('rotates the token of an active session and returns its owner', async () => {
    const session = await started(await registered());
    const { userId } = session;
    const rotation = rotationOf(session, { expiresAt: hoursFromNow(1) });
    const back = { ...rotation, from: rotation.to, to: rotation.from };

    const { expiresAt } = rotation;
    expect(await makeSessionStore(pool).rotate(rotation)).toEqual({ userId, expiresAt });
    expect(await makeSessionStore(pool).rotate(back)).toEqual({ userId, expiresAt });
  });

  it('succeeds for one of 10 concurrent callers with the same token', async () => {
    const session = await started(await registered());

    const rotated = await Promise.all(
      Array.from({ length: 10 }, () => makeSessionStore(pool).rotate(rotationOf(session))),
    );

    expect(rotated.filter((one) => one !== undefined)).toMatchObject([{ userId: session.userId }]);
  });

  it('does not rotate an expired or unknown session', async () => {
    const store = makeSessionStore(pool);
    const expired = await started(await registered(), hoursFromNow(-1));

    expect(await store.rotate(rotationOf(expired))).toBeUndefined();
    expect(await store.rotate(rotationOf(expired, { sessionId: randomUUID() }))).toBeUndefined();
  });

  it('never prolongs a session beyond its longest lifetime, and then rotates it no more', async () => {
    const store = makeSessionStore(pool);
    const session = await started(await registered());
    const startedSecondsAgo = (seconds: number) =>
      pool.query('UPDATE sessions SET created_at = now() - make_interval(secs => $2) WHERE id = $1', [
        session.id,
        seconds,
      ]);
    const rotation = rotationOf(session, { expiresAt: hoursFromNow(5), maxLifetimeSeconds: 7200 });

    await startedSecondsAgo(7000);
    const rotated = await store.rotate(rotation);
    await startedSecondsAgo(7201);
    const tooLate = await store.rotate({ ...rotation, from: rotation.to, to: rotation.from });

    const remainingSeconds = ((rotated?.expiresAt.getTime() ?? 0) - Date.now()) / 1000;
    expect(remainingSeconds).toBeGreaterThan(150);
    expect(remainingSeconds).toBeLessThanOrEqual(201);
    expect(tooLate).toBeUndefined();
  });

  it('ends a session by the family of any of its tokens, and by no other', async () => {
    const store = makeSessionStore(pool);
    const session = await started(await registered());
    const { id, familyHash, userId } = session;

    expect(await store.endFamily(id, randomBytes(32))).toBeUndefined();
    expect(await store.endFamily(id, familyHash)).toBe(userId);
    expect(await store.endFamily(id, familyHash)).toBeUndefined();
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
