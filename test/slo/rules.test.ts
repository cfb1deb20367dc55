// What the generated rules do with simulated series.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';

import { AVAILABILITY } from './cases/availability.ts';
import { CAUSES } from './cases/causes.ts';
import { EVENTS } from './cases/events.ts';
import { LATENCY } from './cases/latency.ts';
import { PROMTOOL, RULES, runCase } from './support/promtool.ts';

describe.each(Object.entries({ AVAILABILITY, LATENCY, EVENTS, CAUSES }))('%s', (_objective, cases) => {
  it.each(cases)('$name', async (test) => {
    expect(await runCase(test)).toBe('');
  });
});

describe('promtool check rules', () => {
  it.each(['slo.yaml', 'causes.yaml'])('accepts %s', async (file) => {
    const { stdout } = await promisify(execFile)(PROMTOOL, ['check', 'rules', join(RULES, file)]);
    expect(stdout).toContain('SUCCESS');
  });

  it.each([
    ['an expression', 'sum by (topic)', 'sum by topic'],
    ['a template', '{{ $labels.topic }}', '{{ $labels.topic }'],
    ['a duration', 'for: 10m', 'for: ten minutes'],
  ])('finds %s that is wrong', async (_what, from, to) => {
    const path = join(mkdtempSync(join(tmpdir(), 'rules-')), 'causes.yaml');
    writeFileSync(path, readFileSync(join(RULES, 'causes.yaml'), 'utf8').replace(from, to));
    await expect(promisify(execFile)(PROMTOOL, ['check', 'rules', path])).rejects.toThrow('Command failed');
  });
});
