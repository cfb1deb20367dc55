// Counters are COUNTs in Datadog when the process sends them and GAUGEs of events per second when an agent does: only a query with `.as_rate()`, or one
// that compares with 0, gives the same result in both. docs/datadog.md

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { DATADOG_METRICS } from '../../src/observability/metrics/datadog-names.ts';

const folder = join(import.meta.dirname, '../../observability/datadog');
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];

const COUNTERS = new Set([...DATADOG_METRICS.values()].filter(({ type }) => type === 'count').map(({ name }) => name));

const METRIC = /:([\w.]+)\{/;

const dependsOnMode = (query: string): boolean =>
  COUNTERS.has(METRIC.exec(query)?.[1] ?? '') &&
  !/\.as_rate\(\)$|\.as_rate\(\) > [\d.]+$/.test(query) &&
  !query.endsWith('> 0');

/** All texts in a document. */
const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
};

describe('queries of counters', () => {
  it.each(files)('of %s give the same result in each mode', (file) => {
    const texts = textsIn(JSON.parse(readFileSync(join(folder, file), 'utf8')));
    expect(texts.filter(dependsOnMode)).toEqual([]);
  });

  it.each([
    'sum:user.registrations{$env}.as_count()',
    'sum:sign.ins{$env} by {result}',
    'sum(last_15m):sum:unhandled.rejections{$env}.as_count() > 10',
  ])('depend on the mode as %s', (query) => {
    expect(dependsOnMode(query)).toBe(true);
  });

  it.each([
    'sum(last_15m):sum:unhandled.rejections{$env}.as_count() > 0',
    'min(last_5m):max:process.cpu.seconds{$env}.as_rate() > 0.8',
    'sum:sign.ins{$env} by {result}.as_rate()',
    'sum:http.request.duration.count{$env}.as_count()',
    'max:outbox.oldest.event.seconds{$env}',
  ])('do not as %s', (query) => {
    expect(dependsOnMode(query)).toBe(false);
  });
});
