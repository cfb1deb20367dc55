import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { scaleDuration, scaleExpression, scaleRules } from '../../../scripts/gameday/scaled-rules.ts';

const RULES = join(import.meta.dirname, '../../../observability/prometheus/rules');
type Rules = { groups: { name: string; interval: string; rules: { expr: string; for?: string }[] }[] };

describe('durations of rules', () => {
  it.each([
    ['5m', '15s'],
    ['30s', '1500ms'],
    ['1h30m', '270s'],
    ['30d', '129600s'],
  ])('%s becomes %s', (duration, scaled) => {
    expect(scaleDuration(duration)).toBe(scaled);
  });

  it.each([
    ['sum(increase(a_total{b="[5m]"}[15m])) > 0', 'sum(increase(a_total{b="[15s]"}[45s])) > 0'],
    ['max_over_time(rate(a[5m])[1h:2m])', 'max_over_time(rate(a[15s])[180s:6s])'],
    ['a offset 10m', 'a offset 30s'],
    ['sum_over_time(a{b="c"}[1d]) * 30', 'sum_over_time(a{b="c"}[4320s]) * 1.5'],
    ['max(outbox_oldest_event_seconds{a="b"}) > 30', 'max(outbox_oldest_event_seconds{a="b"}) > 30'],
    ['slo:sli_error:ratio_rate5m{a="b"} > (14.4 * 0.001)', 'slo:sli_error:ratio_rate5m{a="b"} > (14.4 * 0.001)'],
  ])('are scaled in %s', (expr, scaled) => {
    expect(scaleExpression(expr)).toBe(scaled);
  });

  it('are refused when too few samples would remain', () => {
    expect(() => scaleExpression('rate(a[30s])')).toThrow('The window 30s is too short');
  });
});

describe.each(readdirSync(RULES))('the rules of %s', (file) => {
  const text = readFileSync(join(RULES, file), 'utf8');
  const before = parse(text) as Rules;
  const after = parse(scaleRules(text)) as Rules;

  it('keep their groups and their number', () => {
    const sizes = ({ groups }: Rules) => groups.map(({ name, rules }) => [name, rules.length]);
    expect(sizes(after)).toEqual(sizes(before));
  });

  it('have no unscaled interval, wait or window', () => {
    const durations = (rules: Rules): (string | undefined)[] =>
      rules.groups.flatMap(({ interval, rules: all }) => [
        interval,
        ...all.flatMap((rule) => [rule.for, ...[...rule.expr.matchAll(/\[([^[\]]+)\]/g)].map(([, window]) => window)]),
      ]);
    const scaled = durations(before).map((duration) => (duration === undefined ? undefined : scaleDuration(duration)));
    expect(durations(after)).toEqual(scaled);
  });
});
