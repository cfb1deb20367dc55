import { describe, expect, it } from 'vitest';

import { makeLookupCache } from '../../../src/avro/lookup-cache.ts';

/** A cache whose look-ups and clock are set by the test. */
const arrange = (maxFailures?: number) => {
  const lookUps: string[] = [];
  const state = { now: 1, lookUp: (key: string): Promise<string> => Promise.resolve(key.toUpperCase()) };
  const get = makeLookupCache({
    lookUp: (key: string) => {
      lookUps.push(key);
      return state.lookUp(key);
    },
    failureTtlMs: (error) => ((error as Error).message === 'down' ? 500 : 10_000),
    now: () => state.now,
    ...(maxFailures && { maxFailures }),
  });
  return { lookUps, state, get };
};

const failing = (message: string) => () => Promise.reject(new Error(message));

describe('makeLookupCache', () => {
  it('looks up a key once for concurrent callers, and never again', async () => {
    const { lookUps, get } = arrange();

    expect(await Promise.all([get('a'), get('a'), get('b')])).toEqual(['A', 'A', 'B']);
    expect(await get('a')).toBe('A');
    expect(lookUps).toEqual(['a', 'b']);
  });

  it('rejects all concurrent callers with a failure, and caches it for its time', async () => {
    const { lookUps, state, get } = arrange();
    state.lookUp = failing('down');

    const all = await Promise.allSettled([get('a'), get('a')]);
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);

    state.lookUp = () => Promise.resolve('back');
    state.now += 499;
    await expect(get('a')).rejects.toThrow('down');
    expect(lookUps).toEqual(['a']);

    state.now += 2;
    expect(await get('a')).toBe('back');
    expect(lookUps).toEqual(['a', 'a']);
  });

  it('caches each failure for its own time', async () => {
    const { lookUps, state, get } = arrange();
    state.lookUp = failing('unknown');
    await expect(get('a')).rejects.toThrow('unknown');

    state.now += 9999;
    await expect(get('a')).rejects.toThrow('unknown');

    expect(lookUps).toEqual(['a']);
  });

  it('evicts the oldest failure when there are too many', async () => {
    const { lookUps, state, get } = arrange(2);
    state.lookUp = failing('unknown');
    for (const key of ['a', 'b', 'c', 'a']) await expect(get(key)).rejects.toThrow('unknown');

    expect(lookUps).toEqual(['a', 'b', 'c', 'a']);
  });
});
