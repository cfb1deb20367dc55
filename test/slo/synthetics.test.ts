// The alert on the synthetic journey. It exists in the chart only, and reads series of kube-state-metrics.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { fires, silent, type Case } from './support/case.ts';
import { runCase, type Group } from './support/promtool.ts';

const FILE = join(import.meta.dirname, '../../helm/user-service/files/rules.yaml');
const WORDS = { ENVIRONMENT: 'compose', NAMESPACE: 'users', FULLNAME: 'users', JOURNEY_SECONDS: '900' };

/** The rules as the chart renders them. */
const rendered = (edit: readonly [string, string] = ['', '']): Group[] => {
  const text = Object.entries(WORDS).reduce(
    (rules, [word, value]) => rules.replaceAll(word, value),
    readFileSync(FILE, 'utf8'),
  );
  if (!text.includes(edit[0])) throw new Error(`the rules have no ${edit[0]}`);
  return (parse(text.replaceAll(...edit)) as { groups: Group[] }).groups;
};

const ALERT = 'SyntheticJourneyFailed';
const labels = (cronjob = 'users-journey'): string => `{namespace="users",cronjob="${cronjob}"}`;
const created = { [`kube_cronjob_created${labels()}`]: '0x400' };

/** The time of the last success in seconds; each value lasts five minutes, `_` is before the first success. */
const successes = (...seconds: readonly (number | '_')[]): string =>
  seconds.map((second) => (second === '_' ? '_x30' : `${second}x29`)).join(' ');
const lastSuccess = (values: string, cronjob?: string) => ({
  [`kube_cronjob_status_last_successful_time${labels(cronjob)}`]: values,
});

const test = (name: string, series: Case['series'], expectations: Case['expect']): Case => ({
  ...{ name, series, rules: ['causes'] },
  expect: expectations,
});

const SUCCEEDS = test(
  'a journey that succeeds every five minutes',
  {
    ...created,
    ...lastSuccess(successes('_', 300, 600, 900, 1200, 1500, 1800)),
  },
  [silent('10m', ALERT), silent('34m', ALERT)],
);
const STOPS = test(
  'no success for more than three intervals, and one again',
  {
    ...created,
    ...lastSuccess(successes('_', 300, 300, 300, 300, 300, 1800)),
  },
  [silent('19m30s', ALERT), fires('20m30s', ALERT), silent('31m', ALERT)],
);
const NEVER = test('a journey that has never succeeded', created, [silent('14m30s', ALERT), fires('15m30s', ALERT)]);
const OTHERS = test(
  'a CronJob of another release that fails',
  {
    ...lastSuccess(successes(10, 10, 10, 10, 10), 'accounts-journey'),
    [`kube_cronjob_created${labels('accounts-journey')}`]: '0x400',
  },
  [silent('20m', ALERT)],
);
const DISABLED = test('a release without the journey', { 'up{namespace="users",pod="users-api-1"}': '1x200' }, [
  silent('20m', ALERT),
]);
const CASES = [SUCCEEDS, STOPS, NEVER, OTHERS, DISABLED];

describe('the alert on the synthetic journey', () => {
  it.each(CASES)('$name', async (each) => {
    expect(await runCase(each, rendered())).toBe('');
  });

  it.each([
    ['waits longer', STOPS, ['> 900', '> 2700']],
    ['does not wait', STOPS, ['> 900', '> 300']],
    ['forgets what never succeeded', NEVER, ['kube_cronjob_created{', 'kube_cronjob_made{']],
    ['reads other CronJobs', OTHERS, ['namespace="users",cronjob="users-journey"', 'namespace="users"']],
    ['always fires', DISABLED, ['or max(kube_cronjob_created', 'or vector(-1000) or max(kube_cronjob_created']],
    ['ignores a success', SUCCEEDS, ['kube_cronjob_status_last_successful_time', 'kube_cronjob_created']],
  ] as const)('is found wrong when it %s', async (_mutation, each, edit) => {
    expect(await runCase(each, rendered(edit))).toContain('exp:');
  });
});
