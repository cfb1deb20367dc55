import { describe, expect, it } from 'vitest';

import { backoffMs, makeBackoff } from '../../../src/resilience/backoff.ts';

const BOUNDS = { firstMs: 50, maxMs: 2000 };

describe('backoffMs', () => {
  it.each([
    [1, 25, 50],
    [2, 50, 100],
    [5, 400, 800],
    [7, 1000, 2000],
    [5000, 1000, 2000],
  ])('is for attempt %i between %i and %i ms', (attempt, least, most) => {
    expect(backoffMs(attempt, { ...BOUNDS, random: () => 0 })).toBe(least);
    expect(backoffMs(attempt, { ...BOUNDS, random: () => 1 - Number.EPSILON })).toBe(most);
  });

  it('is random by default', () => {
    const delays = Array.from({ length: 200 }, () => backoffMs(7, BOUNDS));
    expect(new Set(delays).size).toBeGreaterThan(5);
  });
});

describe('makeBackoff', () => {
  it('counts the attempts and doubles the delay', () => {
    const backoff = makeBackoff({ ...BOUNDS, random: () => 0 });
    expect([backoff.next(), backoff.next()]).toEqual([
      { attempt: 1, retryInMs: 25 },
      { attempt: 2, retryInMs: 50 },
    ]);
  });

  it('starts again with the first delay after a reset', () => {
    const backoff = makeBackoff({ ...BOUNDS, random: () => 0 });
    backoff.next();
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toEqual({ attempt: 1, retryInMs: 25 });
  });
});
