// The cases find a rule that is wrong: each mutation makes at least one of them fail.

import { describe, expect, it } from 'vitest';

import { AVAILABILITY } from './cases/availability.ts';
import { CAUSES } from './cases/causes.ts';
import { EVENTS } from './cases/events.ts';
import { LATENCY } from './cases/latency.ts';
import type { Case } from './support/case.ts';
import { alertMutations, recordingMutation, textMutation, type Mutation } from './support/mutations.ts';
import { readGroups, runCase } from './support/promtool.ts';

const CASES = [...AVAILABILITY, ...LATENCY, ...EVENTS, ...CAUSES];
const RULES = readGroups().flatMap(({ rules }) => rules);
const alerts = RULES.filter(({ alert }) => alert !== undefined);

const recordings = RULES.filter(({ record, labels }) => record !== undefined && labels.sloth_slo === 'availability');

/** Of the objective for orders. */
const BUCKET_5 = String.raw`le=~"5(\\.0)?"`;
const OUTAGE = 'a total outage pages within 2 minutes and';
const NO_GUARD = 'alerts on a few failures';

const TEXTS: readonly Mutation[] = [
  textMutation('availability', 'counts 499', 'callers who give up', [',status!="499"', '']),
  textMutation('availability', 'counts unmatched paths', 'a scanner', ['route!="unmatched",', '']),
  textMutation('availability', '4xx fail', '404, 429', ['status=~"5.*"', 'status=~"[45].*"']),
  textMutation('availability', 'counts any service', 'another service', ['{service="user-service",', '{']),
  textMutation('availability', 'has no zero', 'no traffic', [' or vector(0)', '']),
  textMutation('availability', 'divides by zero', 'no traffic', ['[5m])) > 0)', '[5m])))']),
  textMutation('availability', 'does not reset', OUTAGE, ['ratio_rate5m{', 'ratio_rate1h{']),
  textMutation('availability', 'has no long window', 'an outage of 40 s', ['ratio_rate1h{', 'ratio_rate5m{']),
  textMutation('availability', 'does not reset the slow pair', OUTAGE, ['ratio_rate30m{', 'ratio_rate6h{']),
  textMutation('availability', 'pages too late', '2 % errors', ['14.4 *', '144 *']),
  textMutation('availability', 'pages too early', 'an outage of 40 s', ['14.4 *', '1.44 *']),
  textMutation('availability', 'slow pair pages too late', '0.8 % errors', ['(6 *', '(60 *']),
  textMutation('availability', 'slow pair pages too early', '0.4 % errors', ['(6 *', '(0.6 *']),
  textMutation('availability', 'first ticket comes too late', 'on a day with few', ['(3 *', '(30 *']),
  textMutation('availability', 'last ticket comes too late', '0.15 % errors', ['(1 *', '(10 *']),
  textMutation('availability', 'last ticket comes too early', 'two hours of 0.4 %', ['(1 *', '(0.1 *']),
  textMutation('cached-read', 'has another bucket', 'slow cached', ['le="0.008"', 'le="2.5"']),
  textMutation('cached-read', 'counts uncached reads', 'fast requests', [',cache="hit"', '']),
  textMutation('cached-read', 'counts failures', 'reads that end', [',status!~"4.*"', '']),
  textMutation('cached-read', 'counts other methods', 'reads that end', ['method="GET",', '']),
  textMutation('uncached-read', 'has another bucket', 'slow uncached', ['le="0.02"', 'le="2.5"']),
  textMutation('uncached-read', 'counts cached reads', 'fast requests', [',cache="miss"', '']),
  textMutation('uncached-read', 'counts failures', 'reads that end', [',status!~"5.*"', '']),
  textMutation('uncached-read', 'counts other methods', 'reads that end', ['method="GET",', '']),
  textMutation('sign-in', 'has another bucket', 'slow sign-ins', ['le="0.5"', 'le="2.5"']),
  textMutation('sign-in', 'counts what the limit refuses', 'sign-ins that the rate', [',status!="429"', '']),
  textMutation('sign-in', 'counts 499', 'wrong passwords', [',status!="499"', '']),
  textMutation('sign-in', 'fast failures are good', 'sign-ins that fail', [',status!~"5.*"', '']),
  textMutation('sign-in', 'leaves wrong passwords out', 'wrong passwords', [',status!="429"', ',status!~"4.*"']),
  textMutation('order-processing', 'has another bucket', 'orders that are decided late', [BUCKET_5, 'le="10"']),
  textMutation('order-processing', 'does not know Prometheus 3', 'orders that are decided late', [BUCKET_5, 'le="5"']),
  textMutation('event-freshness', 'is stricter', 'events that are 5 s', ['> bool 5', '> bool 4']),
  textMutation('event-freshness', 'is laxer', 'events that are 5 s', ['> bool 5', '> bool 6']),
  textMutation('event-freshness', 'is fresh without a relay', 'no relay', [' or vector(1)', '']),
  textMutation('availability', NO_GUARD, 'one failed request', ['>= 10', '>= 0']),
  textMutation('cached-read', NO_GUARD, 'CachedReadBurn: six', ['>= 20', '>= 0']),
  textMutation('uncached-read', NO_GUARD, 'UncachedReadBurn: six', ['>= 20', '>= 0']),
  textMutation('sign-in', NO_GUARD, 'SignInBurn: six', ['>= 10', '>= 0']),
  textMutation('order-processing', NO_GUARD, 'five late orders', ['>= 10', '>= 0']),
  textMutation('event-freshness', NO_GUARD, 'a relay that takes over', ['>= 4', '>= 0']),
  textMutation('causes', 'what restarts is up', 'ApiAbsent pages when the process restarts', [') < 0.5', ') < 0']),
  textMutation('causes', 'what is not scraped is up', 'RelayAbsent pages where', [' or vector(0)', '']),
  textMutation('causes', 'resets hide events', 'DeadLetters fires for what', ['increase(', 'delta(']),
];

const minutesOf = (time: string): number => {
  // eslint-disable-next-line security/detect-unsafe-regex -- times of our own cases
  const [, days = 0, hours = 0, minutes = 0] = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?/.exec(time) ?? [];
  return Number(days) * 1440 + Number(hours) * 60 + Number(minutes);
};
/** Shorter cases first: one that fails is enough. */
const cost = ({ expect: expectations }: Case): number => Math.max(...expectations.map(({ at }) => minutesOf(at)));

const casesFor = ({ rules, by, alert, expects }: Mutation): Case[] =>
  CASES.filter((test) => test.rules.includes(rules) && test.name.startsWith(by ?? ''))
    .filter(
      (test) =>
        alert === undefined ||
        test.expect.some((each) => `${each.alert} ${each.severity}` === alert && each.fires === expects),
    )
    .map((test) => ({ ...test, rules: [rules], expect: test.expect.filter((each) => isOf(rules, each.alert)) }))
    .sort((a, b) => cost(a) - cost(b));

const isOf = (rules: string, alert: string): boolean =>
  RULES.some((rule) => rule.alert === `UserService${alert}` && (rule.labels.sloth_slo ?? 'causes') === rules);

/** By an expectation: an expression that Prometheus does not accept is no mutation. */
const isCaught = async (mutation: Mutation): Promise<boolean> => {
  const groups = readGroups();
  mutation.change(groups);
  for (const test of casesFor(mutation)) if ((await runCase(test, groups)).includes('exp:')) return true;
  return false;
};

describe('a case fails when', () => {
  it.each([...alerts.flatMap(alertMutations), ...TEXTS])('$name', async (mutation) => {
    expect(await isCaught(mutation)).toBe(true);
  });

  it.each(recordings.map(recordingMutation))('a recording is wrong: $name', async (mutation) => {
    expect(await isCaught(mutation)).toBe(true);
  });
});
