import { describe, expect, it } from 'vitest';

import { addUp, findFaults, percentile } from '../../cluster/figures.ts';
import type { LoadLine } from '../../cluster/load-generator.mts';

const GOOD: LoadLine = { requests: 100, latencies: { 5: 99, 40: 1 }, slowestMs: 38, failures: {}, orders: ['a'] };
const REFUSED = 'POST /orders 503 STORE_UNAVAILABLE, Retry-After';
const ALL_DECIDED = { lost: 0, undecided: 0 };

describe('the figures of a phase', () => {
  it('add up the seconds', () => {
    const slow: LoadLine = { ...GOOD, latencies: { 5: 60, 900: 40 }, slowestMs: 890, orders: ['b', 'c'] };
    const figures = addUp([GOOD, slow]);
    expect(figures).toMatchObject({ seconds: 2, requests: 200, p99Ms: 890, slowestMs: 890, orders: ['a', 'b', 'c'] });
  });

  it('count a refusal apart only where it is right', () => {
    const lines = [{ ...GOOD, failures: { [REFUSED]: 2, 'GET /users/{id} TIMEOUT': 1 } }];
    expect(addUp(lines).failures.get(REFUSED)).toBe(2);
    const { failures, refused } = addUp(lines, / 503 STORE_[A-Z]+, Retry-After$/);
    expect([...refused]).toEqual([[REFUSED, 2]]);
    expect([...failures]).toEqual([['GET /users/{id} TIMEOUT', 1]]);
  });

  it.each([
    { share: 0.5, expected: 5 },
    { share: 0.99, expected: 5 },
    { share: 0.999, expected: 40 },
  ])('have the percentile $share', ({ share, expected }) => {
    expect(percentile(new Map(Object.entries(GOOD.latencies)), share)).toBe(expected);
  });
});

describe('the faults of a phase', () => {
  it('are none when every request succeeded and every order was decided', () => {
    expect(findFaults(addUp([GOOD]), ALL_DECIDED)).toEqual([]);
  });

  it.each([
    { name: 'a failed request', line: { ...GOOD, failures: { 'GET /users/{id} ECONNRESET': 1 } }, orders: ALL_DECIDED },
    { name: 'a lost order', line: GOOD, orders: { lost: 1, undecided: 0 } },
    { name: 'an undecided order', line: GOOD, orders: { lost: 0, undecided: 1 } },
    { name: 'no request at all', line: { ...GOOD, requests: 0 }, orders: ALL_DECIDED },
  ])('name $name', ({ line, orders }) => {
    expect(findFaults(addUp([line]), orders)).toHaveLength(1);
  });
});
