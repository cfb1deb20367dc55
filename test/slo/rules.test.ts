// What the generated rules do with simulated series.

import { describe, expect, it } from 'vitest';

import { AVAILABILITY } from './cases/availability.ts';
import { CAUSES } from './cases/causes.ts';
import { EVENTS } from './cases/events.ts';
import { LATENCY } from './cases/latency.ts';
import { runCase } from './support/promtool.ts';

describe.each(Object.entries({ AVAILABILITY, LATENCY, EVENTS, CAUSES }))('%s', (_objective, cases) => {
  it.each(cases)('$name', async (test) => {
    expect(await runCase(test)).toBe('');
  });
});
