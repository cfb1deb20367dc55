// Counters are COUNTs in Datadog when the process sends them and GAUGEs of events per second when an agent does: only a query with `.as_rate()`, or one
// that compares with 0, gives the same result in both. docs/datadog.md

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { DATADOG_METRICS } from '../../src/observability/metrics/datadog-names.ts';

const folder = join(import.meta.dirname, '../../observability/datadog');
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];

const COUNTERS = new Set([...DATADOG_METRICS.values()].filter(({ type }) => type === 'count').map(({ name }) => name));

/** A metric with its scope, its groups and its modifier, and whether the rest of the text compares with 0. */
const QUERY = /\w+:([\w.]+)\{[^}"]*\}(?: by \{[^}"]*\})?(\.as_rate\(\))?([^"]*)/g;

const dependingOnMode = (text: string): string[] =>
  [...text.matchAll(QUERY)]
    .filter(([, name = '', rate, rest = '']) => COUNTERS.has(name) && rate === undefined && !/> 0$/.test(rest))
    .map(([query]) => query);

describe('queries of counters', () => {
  it.each(files)('of %s give the same result in each mode', (file) => {
    expect(dependingOnMode(readFileSync(join(folder, file), 'utf8'))).toEqual([]);
  });

  it.each([
    ['"sum:user.registrations{$env}.as_count()"', 1],
    ['"sum:sign.ins{$env} by {result}"', 1],
    ['"sum(last_15m):sum:unhandled.rejections{$env}.as_count() > 10"', 1],
    ['"sum(last_15m):sum:unhandled.rejections{$env}.as_count() > 0"', 0],
    ['"sum:sign.ins{$env} by {result}.as_rate()"', 0],
    ['"sum:http.request.duration.count{$env}.as_count()"', 0],
    ['"max:outbox.oldest.event.seconds{$env}"', 0],
  ])('as in %s depend on the mode: %i', (query, count) => {
    expect(dependingOnMode(query)).toHaveLength(count);
  });
});
