import { describe, expect, it } from 'vitest';

import { makeBoundedConcurrency } from '../../../src/resilience/bounded-concurrency.ts';

const full = new Error('full');

const arrange = ({ queueLimit = 4 } = {}) => {
  let now = 0;
  const limiter = makeBoundedConcurrency({ concurrency: 1, queueLimit, onFull: () => full, now: () => now });
  const begun: string[] = [];
  const rejected: string[] = [];
  const ends: (() => void)[] = [];
  const call = (name: string, key: string, preferred = false): void => {
    const work = (): Promise<void> => {
      begun.push(name);
      return new Promise((resolve) => ends.push(resolve));
    };
    limiter.run(work, { key, preferred }).catch(() => rejected.push(name));
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  return {
    ...{ limiter, begun, rejected, call, settle },
    pass: (ms: number) => (now += ms),
    /** Ends `count` calls, one after the other. */
    end: async (count: number): Promise<void> => {
      for (let done = 0; done < count; done += 1) {
        await settle();
        ends.shift()?.();
        await settle();
      }
    },
  };
};

describe('makeBoundedConcurrency', () => {
  it('takes turns between keys', async () => {
    const { call, begun, end } = arrange();
    call('a1', 'a');
    for (const name of ['a2', 'a3', 'a4']) call(name, 'a');
    call('b1', 'b');
    await end(5);
    expect(begun).toEqual(['a1', 'b1', 'a2', 'a3', 'a4']);
  });

  it('rejects the calls of the key that floods, and none of another', async () => {
    const { call, begun, rejected, settle, end } = arrange();
    for (let index = 0; index < 20; index += 1) call(`flood-${index}`, 'flood');
    call('one', 'one');
    call('two', 'two');
    await settle();
    await end(5);
    expect(rejected).toHaveLength(17);
    expect(rejected.every((name) => name.startsWith('flood-'))).toBe(true);
    expect(begun.slice(0, 3)).toEqual(['flood-0', 'one', 'two']);
  });

  it('lets a newcomer in when every place is taken by keys that have called before', async () => {
    const { call, begun, settle, end } = arrange();
    for (let round = 0; round < 3; round += 1) for (let key = 0; key < 50; key += 1) call(`${round}`, `key-${key}`);
    await settle();
    call('newcomer', 'newcomer');
    await end(6);
    expect(begun).toContain('newcomer');
  });

  it('counts rejected calls, so that retrying at once is no advantage', async () => {
    const { call, begun, rejected, settle, end } = arrange({ queueLimit: 1 });
    call('running', 'other');
    call('patient', 'patient');
    for (let index = 0; index < 10; index += 1) call('eager', 'eager');
    await settle();
    await end(2);
    expect(rejected).toEqual(Array(10).fill('eager'));
    expect(begun).toEqual(['running', 'patient']);
  });

  it('prefers preferred keys, but none for more than 10 calls a minute', async () => {
    const { call, begun, settle, end } = arrange({ queueLimit: 50 });
    call('running', 'other');
    for (let index = 0; index < 3; index += 1) call(`stranger-${index}`, `stranger-${index}`);
    for (let index = 0; index < 13; index += 1) call(`known-${index}`, 'known', true);
    await settle();
    await end(17);
    const known = Array.from({ length: 10 }, (_, index) => `known-${index}`);
    expect(begun.slice(0, 12)).toEqual(['running', ...known, 'stranger-0']);
    expect(begun).toHaveLength(17);
  });

  it('forgets calls after a minute', async () => {
    const { call, begun, pass, end } = arrange();
    for (let index = 0; index < 3; index += 1) call(`old-${index}`, 'a');
    await end(3);
    pass(60_000);
    call('running', 'other');
    call('b1', 'b');
    call('b2', 'b');
    call('a', 'a');
    await end(4);
    expect(begun.slice(3)).toEqual(['running', 'a', 'b1', 'b2']);
  });

  it('releases its place after a failure, and when nobody waits', async () => {
    const { limiter } = arrange();
    await expect(limiter.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await limiter.run(() => Promise.resolve(1))).toBe(1);
    expect(limiter.load()).toEqual({ running: 0, waiting: 0 });
  });
});
