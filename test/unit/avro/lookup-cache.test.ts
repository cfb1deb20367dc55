import { describe, expect, it } from 'vitest';

import { makeLookupCache } from '../../../src/avro/lookup-cache.ts';

/** A question whose answers the test gives one by one, and a clock that it turns. */
const arrange = (maxFailures?: number) => {
  const asked: string[] = [];
  const state = { now: 1, answer: (key: string): Promise<string> => Promise.resolve(key.toUpperCase()) };
  const answerOf = makeLookupCache({
    ask: (key: string) => {
      asked.push(key);
      return state.answer(key);
    },
    keepFailureMs: (error) => ((error as Error).message === 'down' ? 500 : 10_000),
    now: () => state.now,
    ...(maxFailures && { maxFailures }),
  });
  return { asked, state, answerOf };
};

const failing = (message: string) => () => Promise.reject(new Error(message));

describe('kept answers', () => {
  it('asks once for all who want to know, and never again', async () => {
    const { asked, answerOf } = arrange();

    expect(await Promise.all([answerOf('a'), answerOf('a'), answerOf('b')])).toEqual(['A', 'A', 'B']);
    expect(await answerOf('a')).toBe('A');
    expect(asked).toEqual(['a', 'b']);
  });

  it('gives a failure to all who wait, and keeps it for its time', async () => {
    const { asked, state, answerOf } = arrange();
    state.answer = failing('down');

    const all = await Promise.allSettled([answerOf('a'), answerOf('a')]);
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);

    state.answer = () => Promise.resolve('back');
    state.now += 499;
    await expect(answerOf('a')).rejects.toThrow('down');
    expect(asked).toEqual(['a']);

    state.now += 2;
    expect(await answerOf('a')).toBe('back');
    expect(asked).toEqual(['a', 'a']);
  });

  it('keeps each failure for a time of its own', async () => {
    const { asked, state, answerOf } = arrange();
    state.answer = failing('unknown');
    await expect(answerOf('a')).rejects.toThrow('unknown');

    state.now += 9999;
    await expect(answerOf('a')).rejects.toThrow('unknown');

    expect(asked).toEqual(['a']);
  });

  it('forgets the oldest failure when there are too many', async () => {
    const { asked, state, answerOf } = arrange(2);
    state.answer = failing('unknown');
    for (const key of ['a', 'b', 'c', 'a']) await expect(answerOf(key)).rejects.toThrow('unknown');

    expect(asked).toEqual(['a', 'b', 'c', 'a']);
  });
});
