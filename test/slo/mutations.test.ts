// The cases find a rule that is wrong: each mutation makes at least one of them fail.

import { describe, expect, it } from 'vitest';

import { AVAILABILITY } from './cases/availability.ts';
import { CAUSES } from './cases/causes.ts';
import { EVENTS } from './cases/events.ts';
import { LATENCY } from './cases/latency.ts';
import type { Case } from './support/case.ts';
import { alertMutations, recordingMutations, textMutation, type Mutation } from './support/mutations.ts';
import { readGroups, runCase } from './support/promtool.ts';

const CASES = [...AVAILABILITY, ...LATENCY, ...EVENTS, ...CAUSES];
const RULES = readGroups().flatMap(({ rules }) => rules);
const alerts = RULES.filter(({ alert }) => alert !== undefined);

const recordings = RULES.filter(({ record, labels }) => record !== undefined && labels.sloth_slo === 'availability');

const EVENT_SELECTION: readonly Mutation[] = [
  textMutation('availability', 'counts 499', ',status!="499"', ''),
  textMutation('availability', 'counts unmatched paths', 'route!="unmatched",', ''),
  textMutation('availability', '4xx fail', 'status=~"5.*"', 'status=~"[45].*"'),
  textMutation('availability', 'of any service', '{service="user-service",', '{'),
  textMutation('availability', 'has no zero', ' or vector(0)', ''),
  textMutation('availability', 'divides by zero', '[5m])) > 0)', '[5m])))'),
  textMutation('availability', 'has the short window of another pair', 'ratio_rate5m{', 'ratio_rate1h{'),
  textMutation('availability', 'has the long window of another pair', 'ratio_rate1h{', 'ratio_rate5m{'),
  textMutation('availability', 'has no slow short window', 'ratio_rate30m{', 'ratio_rate6h{'),
  textMutation('availability', 'alerts ten times too late', '14.4 *', '144 *'),
  textMutation('availability', 'alerts ten times too early', '14.4 *', '1.44 *'),
  textMutation('availability', 'slow pair alerts too late', '(6 *', '(60 *'),
  textMutation('availability', 'slow pair alerts too early', '(6 *', '(0.6 *'),
  textMutation('availability', 'first ticket comes too late', '(3 *', '(30 *'),
  textMutation('availability', 'last ticket comes too late', '(1 *', '(10 *'),
  textMutation('availability', 'last ticket comes too early', '(1 *', '(0.1 *'),
  textMutation('cached-read', 'has another bucket', 'le="0.008"', 'le="2.5"'),
  textMutation('cached-read', 'includes uncached reads', ',cache="hit"', ''),
  textMutation('cached-read', 'includes failures', ',status!~"4.*"', ''),
  textMutation('cached-read', 'includes other methods', 'method="GET",', ''),
  textMutation('uncached-read', 'has another bucket', 'le="0.02"', 'le="2.5"'),
  textMutation('uncached-read', 'includes cached reads', ',cache="miss"', ''),
  textMutation('uncached-read', 'includes failures', ',status!~"5.*"', ''),
  textMutation('uncached-read', 'includes other methods', 'method="GET",', ''),
  textMutation('sign-in', 'has another bucket', 'le="0.5"', 'le="2.5"'),
  textMutation('sign-in', 'includes what the limit refuses', ',status!="429"', ''),
  textMutation('sign-in', 'includes callers who gave up', ',status!="499"', ''),
  textMutation('sign-in', 'fast failures are good', ',status!~"5.*"', ''),
  textMutation('sign-in', 'wrong passwords are left out', ',status!="429"', ',status!~"4.*"'),
  textMutation('order-processing', 'has another bucket', String.raw`le=~"5(\\.0)?"`, 'le="10"'),
  textMutation('order-processing', 'does not know Prometheus 3', String.raw`le=~"5(\\.0)?"`, 'le="5"'),
  textMutation('event-freshness', 'is stricter', '> bool 5', '> bool 4'),
  textMutation('event-freshness', 'is laxer', '> bool 5', '> bool 6'),
  textMutation('event-freshness', 'is fresh without a relay', ' or vector(1)', ''),
  ...['availability', 'order-processing', 'sign-in'].map((slo) => textMutation(slo, 'has no guard', '>= 10', '>= 0')),
  ...['cached-read', 'uncached-read'].map((slo) => textMutation(slo, 'has no guard', '>= 20', '>= 0')),
  textMutation('event-freshness', 'has no guard', '>= 4', '>= 0'),
  textMutation('causes', 'processes that restart are up', ') < 0.5', ') < 0'),
  textMutation('causes', 'processes that are not scraped are up', ' or vector(0)', ''),
  textMutation('causes', 'resets of counters are events', 'increase(', 'delta('),
];

const minutesOf = (time: string): number => {
  // eslint-disable-next-line security/detect-unsafe-regex -- times of our own cases
  const [, days = 0, hours = 0, minutes = 0] = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?/.exec(time) ?? [];
  return Number(days) * 1440 + Number(hours) * 60 + Number(minutes);
};
/** Shorter cases first: one that fails is enough. */
const cost = ({ expect: expectations }: Case): number => Math.max(...expectations.map(({ at }) => minutesOf(at)));

const casesFor = ({ rules, alert, expects }: Mutation): Case[] =>
  CASES.filter((test) => test.rules.includes(rules))
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
  it.each([...alerts.flatMap(alertMutations), ...EVENT_SELECTION])('$name', async (mutation) => {
    expect(await isCaught(mutation)).toBe(true);
  });

  // a series that is 0 anyway is changed to 7
  it.each(recordings.map((rule) => ({ name: rule.record, mutations: recordingMutations(rule) })))(
    '$name is recorded wrongly',
    async ({ mutations }) => {
      expect(await Promise.all(mutations.map(isCaught))).toContain(true);
    },
  );
});
