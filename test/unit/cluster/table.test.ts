import { describe, expect, it } from 'vitest';

import { addUp } from '../../cluster/figures.ts';
import { judge, type PhaseResult } from '../../cluster/judge.ts';
import { CONTROL } from '../../cluster/phases/control.ts';
import { findMissedNumbers, formatResults, totalsOf } from '../../cluster/table.ts';

const second = (failures: Readonly<Record<string, number>> = {}) => ({
  requests: 150,
  latencies: { 5: 150 },
  slowestMs: 5,
  failures,
  orders: [],
});
const resultOf = (name: string, seconds: number, isControl = false): PhaseResult => ({
  name,
  load: addUp(Array.from({ length: seconds }, () => second())),
  orders: { lost: 0, undecided: 0 },
  replaced: 30,
  faults: [],
  isControl,
});

describe('a control', () => {
  const orders = { lost: 0, undecided: 0 };

  it('passes if connections broke', () => {
    expect(judge(CONTROL, addUp([second({ 'GET /users/{id} ECONNRESET': 1 })]), orders)).toEqual([]);
  });

  it.each([{}, { 'GET /users/{id} 503 OVERLOADED, Retry-After': 3 }])('is at fault if none broke: %j', (failures) => {
    const faults = judge(CONTROL, addUp([second(failures)]), orders);
    expect(faults).toEqual([expect.stringContaining('proves nothing')]);
  });

  it('does not excuse a lost order', () => {
    const load = addUp([second({ 'GET /users/{id} ECONNRESET': 1 })]);
    expect(judge(CONTROL, load, { lost: 1, undecided: 0 })).toHaveLength(1);
  });
});

describe('a full run', () => {
  it('reaches the numbers without its controls', () => {
    const results = [resultOf('upgrade', 100), resultOf('restart', 100), resultOf('control', 500, true)];
    expect(totalsOf(results)).toMatchObject({ seconds: 200, requests: 30_000, replaced: 60 });
    expect(findMissedNumbers(results, 15)).toEqual([]);
  });

  it('misses them with too little load, too few pods, or too much time', () => {
    expect(findMissedNumbers([resultOf('upgrade', 100), resultOf('control', 500, true)], 21)).toEqual([
      '15000 requests, fewer than 30000',
      '30 pods replaced, fewer than 50',
      'it took 21.0 minutes, more than 20',
    ]);
  });

  it('prints a row per phase and each fault', () => {
    const text = formatResults([
      resultOf('upgrade', 10),
      { ...resultOf('drain', 10), faults: ['no node accepts pods'] },
    ]);
    expect(text).toMatch(/^upgrade +10 +150 +1500 .*✓$/m);
    expect(text).toMatch(/^drain .*✗$/m);
    expect(text).toMatch(/^✗ drain: no node accepts pods$/m);
  });
});
