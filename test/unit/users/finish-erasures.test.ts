import { expect, it } from 'vitest';

import { makeFinishErasures } from '../../../src/users/finish-erasures.ts';

/** Users with so many pieces left, and a clock on which each piece takes 10 ms. */
const arrange = (pieces: Record<string, number>) => {
  const left = new Map(Object.entries(pieces));
  let clock = 0;
  const finish = makeFinishErasures({
    erasures: {
      unfinished: (limit) => Promise.resolve([...left.keys()].slice(0, limit)),
      async *removeRest(id) {
        for (let count = left.get(id) ?? 0; count > 0; count -= 1) {
          await Promise.resolve();
          yield;
          clock += 10;
          left.set(id, count - 1);
        }
        left.delete(id);
      },
    },
    elapsedMs: () => clock,
  });
  return { finish, left: () => Object.fromEntries(left) };
};

it('deletes the rest of one user', async () => {
  const { finish, left } = arrange({ ann: 3, bob: 1 });

  await finish.one('ann', { budgetMs: 1000 });

  expect(left()).toEqual({ bob: 1 });
});

it('stops when its time is over, and goes on from there', async () => {
  const { finish, left } = arrange({ ann: 50 });

  await finish.one('ann', { budgetMs: 100 });
  expect(left()).toEqual({ ann: 40 });

  await finish.all({ budgetMs: 1000 });
  expect(left()).toEqual({});
});

it('deletes the rest of all users, one after another, within one budget', async () => {
  const { finish, left } = arrange({ ann: 5, bob: 10, eve: 5 });

  await finish.all({ budgetMs: 100 });

  expect(left()).toEqual({ bob: 5, eve: 5 });
});
