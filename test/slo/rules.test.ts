// What the generated rules do with simulated series.

import { describe, expect, it } from 'vitest';

import { AVAILABILITY } from './cases/availability.ts';
import { runCase } from './support/promtool.ts';

describe.each(Object.entries({ AVAILABILITY }))('%s', (_objective, cases) => {
  it.each(cases)('$name', async (test) => {
    expect(await runCase(test)).toBe('');
  });
});
