import { describe, expect, it } from 'vitest';

import { reconnectDelayMs } from '../../../src/redis/client.ts';

const samples = (attempt: number): number[] => Array.from({ length: 200 }, () => reconnectDelayMs(attempt));

describe('reconnectDelayMs', () => {
  it.each([
    [1, 25, 50],
    [2, 50, 100],
    [5, 400, 800],
    [7, 1000, 2000],
    [5000, 1000, 2000],
  ])('is spread, for attempt %i, from %i to %i ms', (attempt, least, most) => {
    const delays = samples(attempt);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...delays)).toBeLessThanOrEqual(most);
    expect(new Set(delays).size).toBeGreaterThan(5);
  });
});
