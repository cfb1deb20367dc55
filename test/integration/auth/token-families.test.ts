// Reuse of refresh tokens while this release and the previous one run side by side. The previous release rotates by the statement below, to a
// random secret, and knows no families.

import { createHash, randomBytes, randomUUID } from 'node:crypto';

import type pg from 'pg';
import { describe, expect, it } from 'vitest';

import { usePool } from '../../support/use-pool.ts';
import { arrangeUser, OLD } from './arrange.ts';

let pool: pg.Pool;

usePool((made) => ({ pool } = made));

const INVALID = { code: 'REFRESH_TOKEN_INVALID' };

const sha256 = (secret: string): Buffer => createHash('sha256').update(secret).digest();

const partsOf = (token: string): [id: string, secret: string] => token.split('.') as [string, string];

const forged = (token: string): string => `${partsOf(token)[0]}.${'A'.repeat(43)}`;

const START = `INSERT INTO sessions (id, user_id, token_hash, expires_at) VALUES ($1, $2, $3, now() + interval '1 hour')`;

const ROTATE = `UPDATE sessions SET token_hash = $3, expires_at = now() + interval '1 hour'
  WHERE id = $1 AND token_hash = $2 AND expires_at > now() RETURNING user_id`;

const previousRelease = {
  start: async (userId: string): Promise<string> => {
    const [id, secret] = [randomUUID(), randomBytes(32).toString('base64url')];
    await pool.query(START, [id, userId, sha256(secret)]);
    return `${id}.${secret}`;
  },
  refresh: async (token: string): Promise<string> => {
    const [id, secret] = partsOf(token);
    const next = randomBytes(32).toString('base64url');
    const { rowCount } = await pool.query(ROTATE, [id, sha256(secret), sha256(next)]);
    expect(rowCount).toBe(1);
    return `${id}.${next}`;
  },
};

describe('a session of this release', () => {
  it('goes on after a token that was never issued', async () => {
    const user = await arrangeUser(pool);
    const { refresh_token: first } = await user.logIn(OLD);

    await expect(user.refresh(forged(first))).rejects.toMatchObject(INVALID);

    expect(user.revoked).toEqual(new Set());
    await expect(user.refresh(first)).resolves.toHaveProperty('refresh_token');
  });

  it.each([0, 1, 2])('ends when its used token %i comes again', async (nth) => {
    const user = await arrangeUser(pool);
    const tokens = [(await user.logIn(OLD)).refresh_token];
    for (let n = 0; n < 3; n += 1) tokens.push((await user.refresh(tokens.at(-1) ?? '')).refresh_token);

    await expect(user.refresh(tokens.at(nth) ?? '')).rejects.toMatchObject(INVALID);

    expect(await user.countSessions()).toBe(0);
    expect(user.revoked.size).toBe(1);
  });
});

describe('a session of the previous release', () => {
  it('goes on in this one, where its used token ends it and a forged one does not', async () => {
    const user = await arrangeUser(pool);
    const first = await previousRelease.start(user.id);
    const { refresh_token: second } = await user.refresh(first);

    await expect(user.refresh(forged(first))).rejects.toMatchObject(INVALID);
    const { refresh_token: third } = await user.refresh(second);
    await expect(user.refresh(first)).rejects.toMatchObject(INVALID);

    await expect(user.refresh(third)).rejects.toMatchObject(INVALID);
    expect(await user.countSessions()).toBe(0);
  });

  it('ends, until its first refresh in this one, with every wrong token', async () => {
    const user = await arrangeUser(pool);
    const first = await previousRelease.start(user.id);
    await previousRelease.refresh(first);

    await expect(user.refresh(first)).rejects.toMatchObject(INVALID);

    expect(await user.countSessions()).toBe(0);
  });
});

describe('a session that both releases refresh in turns', () => {
  it.each([0, 1, 2, 3])('ends when its used token %i comes again', async (nth) => {
    const user = await arrangeUser(pool);
    const first = (await user.logIn(OLD)).refresh_token;
    const second = await previousRelease.refresh(first);
    const third = (await user.refresh(second)).refresh_token;
    const fourth = await previousRelease.refresh(third);
    const { refresh_token: last } = await user.refresh(fourth);

    await expect(user.refresh(forged(last))).rejects.toMatchObject(INVALID);
    expect(await user.countSessions()).toBe(1);
    await expect(user.refresh([first, second, third, fourth].at(nth) ?? '')).rejects.toMatchObject(INVALID);
    expect(await user.countSessions()).toBe(0);
  });
});
