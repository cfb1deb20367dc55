import { describe, expect, it } from 'vitest';
import { makeTokenBucket } from '../../../src/rate-limit/token-bucket.ts';

const arrange = (options: { maxKeys?: number } = {}) => {
  let at = 0;
  const bucket = makeTokenBucket({ capacity: 3, refillPerSecond: 0.5, maxKeys: 100, ...options, now: () => at });
  return {
    take: (key: string) => bucket.take([{ key, factor: 1 }]),
    takeAll: bucket.take,
    pass: (seconds: number) => (at += seconds * 1000),
  };
};

const empty = (take: (key: string) => unknown): void => {
  for (let left = 3; left > 0; left -= 1) take('a');
};

describe('makeTokenBucket', () => {
  it('allows a burst of its capacity, then returns the time to wait', () => {
    const { take } = arrange();
    expect([take('a'), take('a'), take('a')].map(({ remaining }) => remaining)).toEqual([2, 1, 0]);
    expect(take('a')).toEqual({ allowed: false, remaining: 0, retryAfterSeconds: 2 });
  });

  it('counts each key separately', () => {
    const { take } = arrange();
    empty(take);
    expect(take('b').allowed).toBe(true);
  });

  it('allows again after the time that it returned', () => {
    const { take, pass } = arrange();
    empty(take);
    const { retryAfterSeconds } = take('a');
    pass(retryAfterSeconds - 1);
    expect(take('a').allowed).toBe(false);
    pass(1);
    expect(take('a').allowed).toBe(true);
  });

  it('never exceeds its capacity', () => {
    const { take, pass } = arrange();
    take('a');
    pass(3600);
    expect(take('a').remaining).toBe(2);
  });

  it('takes from all networks of a client or from none, with wider limits for the wider ones', () => {
    const { takeAll } = arrange();
    const client = (line: string) => [
      { key: 'site', factor: 2 },
      { key: line, factor: 1 },
    ];
    const lines = [...Array<string>(5).fill('a'), ...Array<string>(4).fill('b')];
    const allowed = lines.map((line) => takeAll(client(line)).allowed);

    expect(allowed).toEqual([true, true, true, false, false, true, true, true, false]);
    expect(takeAll(client('c'))).toEqual({ allowed: false, remaining: 0, retryAfterSeconds: 1 }); // the site has none left
  });

  it('evicts the least recently used keys beyond the maximum', () => {
    const { take } = arrange({ maxKeys: 2 });
    empty(take);
    take('b');
    take('c');
    expect(take('a').allowed).toBe(true);
  });
});
