import { describe, expect, it } from 'vitest';

import { LimitError } from '../../../src/rate-limit/errors.ts';
import { toClient } from '../../../src/rate-limit/client-address.ts';
import { makeGuessLimit } from '../../../src/rate-limit/guess-limit.ts';
import { makeMemoryLimitStore } from '../../../src/rate-limit/memory-limit-store.ts';
import type { Client, Turn } from '../../../src/rate-limit/ports.ts';

const from = (address: string): Client => {
  const client = toClient(address);
  if (client === undefined) throw new Error('not an address');
  return client;
};
/** Each in a /24 of its own. */
const stranger = (index: number): Client => from(`10.${index >> 8}.${index & 255}.1`);
const HOME = from('192.0.2.7');
const SECOND = 1000;
const MINUTE = 60 * SECOND;

type Outcome = 'right' | 'wrong' | 'refused';

const arrange = () => {
  let now = 0;
  const slept: number[] = [];
  const limit = makeGuessLimit({
    store: makeMemoryLimitStore({ maxKeys: 10_000, now: () => now }),
    perMinute: 10,
    maxWaitMs: SECOND,
    sleep: (ms) => Promise.resolve(slept.push(ms)),
  });
  const attempt = (guess: Promise<unknown>): Promise<Outcome> =>
    guess.then(
      (verified) => (verified === undefined ? 'wrong' : 'right'),
      (error: unknown) => {
        if (error instanceof LimitError) return 'refused';
        throw error;
      },
    );
  return {
    limit,
    slept,
    pass: (ms: number) => (now += ms),
    guess: (client: Client, account = 'ann') =>
      attempt(limit.signIn(account, client, () => Promise.resolve(undefined))),
    signIn: (client: Client, account = 'ann') => attempt(limit.signIn(account, client, () => Promise.resolve('yes'))),
    guessByUser: (client: Client) => attempt(limit.byUser('ann', client, () => Promise.resolve(undefined))),
    /** `rounds` guesses from each of `count` strangers. @returns how many were verified */
    flood: async (count: number, rounds: number): Promise<number> => {
      let verified = 0;
      for (let round = 0; round < rounds; round += 1) {
        for (let index = 0; index < count; index += 1) {
          const guess = limit.signIn('ann', stranger(index), () => Promise.resolve(undefined));
          if ((await attempt(guess)) === 'wrong') verified += 1;
        }
      }
      return verified;
    },
  };
};

const times = async <T>(count: number, call: (index: number) => Promise<T>): Promise<T[]> => {
  const results: T[] = [];
  for (let index = 0; index < count; index += 1) results.push(await call(index));
  return results;
};

describe('the limit of sign-ins', () => {
  it('allows 5 wrong passwords per minute for an account and an address', async () => {
    const { guess, pass } = arrange();
    expect(await times(6, () => guess(HOME))).toEqual([...Array<Outcome>(5).fill('wrong'), 'refused']);
    pass(MINUTE);
    expect(await guess(HOME)).toBe('wrong');
  });

  it('allows 10 wrong passwords per minute for an address, whatever the account', async () => {
    const { guess } = arrange();
    const outcomes = await times(11, (index) => guess(HOME, `account-${index}`));
    expect(outcomes).toEqual([...Array<Outcome>(10).fill('wrong'), 'refused']);
  });

  it('does not count right passwords', async () => {
    const { signIn } = arrange();
    expect(await times(50, (index) => signIn(HOME, `account-${index % 20}`))).toEqual(Array(50).fill('right'));
  });

  it('does not count a guess whose verification failed', async () => {
    const { limit, guess } = arrange();
    const busy = new Error('busy');
    for (let time = 0; time < 20; time += 1) {
      await expect(limit.signIn('ann', HOME, () => Promise.reject(busy))).rejects.toBe(busy);
    }
    expect(await guess(HOME)).toBe('wrong');
  });

  it('counts a guess before it is verified, so that parallel ones are limited', async () => {
    const { limit } = arrange();
    let verifying = 0;
    const guesses = Array.from({ length: 30 }, () =>
      limit.signIn('ann', HOME, () => {
        verifying += 1;
        return Promise.resolve(undefined);
      }),
    );
    await Promise.allSettled(guesses);
    expect(verifying).toBe(5);
  });

  it('does not let a refusal use up the other budgets', async () => {
    const { guess, signIn } = arrange();
    await times(100, () => guess(HOME));
    expect(await times(5, () => guess(HOME, 'bob'))).toEqual(Array(5).fill('wrong'));
    expect(await signIn(stranger(1))).toBe('right');
  });

  it('says after how many seconds the next guess is allowed', async () => {
    const { limit, guess, pass } = arrange();
    await times(5, () => guess(HOME));
    pass(20 * SECOND);
    const refused = limit.signIn('ann', HOME, () => Promise.resolve('yes'));
    await expect(refused).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 40 });
  });
});

describe('an account whose budget was used up by strangers', () => {
  it('is open at once to an address that it was used from within 30 days, for longer than the flood lasts', async () => {
    const { flood, signIn, slept, pass } = arrange();
    await signIn(HOME);
    pass(29 * 24 * 60 * MINUTE);
    await flood(1000, 1);
    slept.length = 0;
    expect(await times(20, () => signIn(HOME))).toEqual(Array(20).fill('right'));
    expect(slept).toEqual([]);
  });

  it('is open at once to a known address that strangers of other accounts share', async () => {
    const { guess, signIn } = arrange();
    await signIn(HOME);
    await times(20, (index) => guess(HOME, `account-${index}`));
    expect(await signIn(HOME)).toBe('right');
    expect(await signIn(HOME, 'not known here')).toBe('refused');
  });

  it('allows 50 guesses per minute and then one per second and lane, from any number of addresses', async () => {
    const { flood, pass } = arrange();
    let verified = await flood(1000, 1);
    for (let second = 1; second < 60; second += 1) {
      pass(SECOND);
      verified += await flood(1000, 1);
    }
    expect(verified).toBeGreaterThan(100);
    expect(verified).toBeLessThanOrEqual(50 + 2 * 61);
  });

  it('makes a stranger wait at most for the next slot, or says when to come again', async () => {
    const { flood, limit, slept } = arrange();
    await flood(50, 1);
    const outcomes = await times(4, (index) =>
      limit.signIn('ann', stranger(500 + index), () => Promise.resolve('yes')).catch((error: unknown) => error),
    );
    expect(outcomes.slice(0, 2)).toEqual(['yes', 'yes']);
    expect(slept).toEqual([SECOND]);
    expect(outcomes[2]).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 1 });
  });

  it('is open to an owner at a new address as soon as every stranger has tried', async () => {
    const { flood, signIn, pass } = arrange();
    await flood(100, 1);
    for (let second = 0; second < 110; second += 1) {
      pass(SECOND);
      await flood(100, 1);
    }
    expect(await signIn(from('203.0.113.9'))).toBe('right');
  });

  it('leaves other accounts alone', async () => {
    const { flood, guess, slept } = arrange();
    await flood(1000, 1);
    slept.length = 0;
    expect(await guess(HOME, 'bob')).toBe('wrong');
    expect(slept).toEqual([]);
  });
});

describe('the limit for a user who is authenticated', () => {
  it('allows 10 wrong passwords per minute, from any number of addresses', async () => {
    const { guessByUser, pass } = arrange();
    const outcomes = await times(11, (index) => guessByUser(stranger(index)));
    expect(outcomes).toEqual([...Array<Outcome>(10).fill('wrong'), 'refused']);
    pass(MINUTE);
    expect(await guessByUser(HOME)).toBe('wrong');
  });

  it('is not used up by strangers who sign in, nor the other way round', async () => {
    const { flood, guessByUser, guess } = arrange();
    await flood(200, 1);
    expect(await times(10, () => guessByUser(HOME))).toEqual(Array(10).fill('wrong'));
    expect(await guess(HOME, 'bob')).toBe('wrong');
  });
});

describe('the turn of a guess', () => {
  it('is that of the network for a stranger, and that of account and address, preferred, for a known address', async () => {
    const { limit } = arrange();
    const turns: Turn[] = [];
    const verify = (turn: Turn) => Promise.resolve(turns.push(turn));
    for (const account of ['ann', 'ann', 'bob']) await limit.signIn(account, HOME, verify);

    expect(turns[0]).toEqual({ key: '192.0.2.0/24', preferred: false });
    expect(turns[1]?.preferred).toBe(true);
    expect(turns[1]?.key).not.toContain('192.0.2');
    expect(turns[2]).toEqual({ key: '192.0.2.0/24', preferred: false });
  });
});

it('forgets the known addresses of an account that was erased', async () => {
  const { limit } = arrange();
  const turns: Turn[] = [];
  const signIn = () => limit.signIn('ann', HOME, (turn) => Promise.resolve(turns.push(turn)));
  await signIn();
  await limit.forget('ann');
  await signIn();
  expect(turns.map(({ preferred }) => preferred)).toEqual([false, false]);
});
