import { fires, quiet, type Case } from '../support/case.ts';
import { durations as durationsOf, requests, type Phase } from '../support/series.ts';

/** Scraped once a minute: four objectives for four hours take long otherwise. */
const durations = (...[labels, series]: Parameters<typeof durationsOf>) => durationsOf(labels, series, 1);

const READ = { method: 'GET', route: '/api/v1/users/:id', status: '200' };
const LOGIN = { method: 'POST', route: '/api/v1/auth/login' };
const rules = ['availability', 'cached-read', 'uncached-read', 'sign-in'];
const HOUR = 60;

const steady = (perMinute: number): Phase[] => [[4 * HOUR, perMinute]];
/** Half of them take too long for one hour. */
const slowFor = (perMinute: number): Phase[] => [
  [HOUR, perMinute],
  [HOUR, perMinute / 2],
  [2 * HOUR, perMinute],
];

const hits = (fast: Phase[]) => durations({ ...READ, cache: 'hit' }, { all: steady(600), fast, le: '0.008' });
const misses = (fast: Phase[]) => durations({ ...READ, cache: 'miss' }, { all: steady(60), fast, le: '0.02' });
const logins = (fast: Phase[], status = '200') => durations({ ...LOGIN, status }, { all: steady(60), fast, le: '0.5' });

const healthy = { ...hits(steady(600)), ...misses(steady(60)), ...logins(steady(60)) };
const others = (except: string): string[] =>
  ['AvailabilityBurn', 'CachedReadBurn', 'UncachedReadBurn', 'SignInBurn'].filter((alert) => alert !== except);

const alone = (alert: string, series: Record<string, string>, name: string): Case => ({
  name,
  rules,
  series: { ...healthy, ...series },
  expect: [
    ...quiet('59m', alert),
    fires('1h30m', alert),
    fires('1h59m', alert),
    fires('1h59m', alert, 'ticket'),
    ...others(alert).flatMap((other) => quiet('1h59m', other)),
    // the short windows of the two pairs are over
    { ...fires('2h45m', alert), fires: false },
  ],
});

/** One request every two minutes, but six in the minute after an hour. */
const NIGHT: Phase[] = [
  [HOUR, 0.5],
  [1, 6],
  [HOUR, 0.5],
];
const FAST_NIGHT: Phase[] = [
  [HOUR, 0.5],
  [1, 0],
  [HOUR, 0.5],
];

const CASES: readonly Case[] = [
  {
    name: 'fast requests alert nobody',
    rules,
    series: healthy,
    expect: others('').flatMap((alert) => quiet('2h30m', alert)),
  },
  alone('CachedReadBurn', hits(slowFor(600)), 'slow cached reads burn the budget of cached reads alone'),
  alone('UncachedReadBurn', misses(slowFor(60)), 'slow uncached reads burn the budget of uncached reads alone'),
  alone('SignInBurn', logins(slowFor(60)), 'slow sign-ins burn the budget of sign-ins alone'),
  {
    name: 'reads that end with 404, 412 or 5xx are no slow reads',
    rules: ['cached-read', 'uncached-read'],
    series: {
      ...healthy,
      ...durations({ ...READ, cache: 'hit', status: '404' }, { all: steady(60), fast: steady(0), le: '0.008' }),
      ...durations({ ...READ, cache: 'miss', status: '503' }, { all: steady(60), fast: steady(0), le: '0.02' }),
      // not a read of one user, and not with GET
      ...durations(
        { ...READ, cache: 'none', route: '/api/v1/users' },
        { all: steady(60), fast: steady(0), le: '0.02' },
      ),
      ...durations({ ...READ, cache: 'miss', method: 'HEAD' }, { all: steady(60), fast: steady(0), le: '0.02' }),
      ...durations({ ...READ, cache: 'hit', method: 'HEAD' }, { all: steady(60), fast: steady(0), le: '0.008' }),
    },
    expect: ['CachedReadBurn', 'UncachedReadBurn'].flatMap((alert) => quiet('2h30m', alert)),
  },
  {
    name: 'a read that is not changed (304) counts',
    rules: ['cached-read'],
    series: durations({ ...READ, cache: 'hit', status: '304' }, { all: steady(60), fast: steady(0), le: '0.008' }),
    expect: [fires('2h', 'CachedReadBurn')],
  },
  {
    name: 'sign-ins that fail fast burn the budget of sign-ins',
    rules: ['sign-in'],
    series: {
      ...logins(steady(60)),
      ...logins(steady(60), '503'),
    },
    expect: [fires('2h', 'SignInBurn'), fires('2h', 'SignInBurn', 'ticket')],
  },
  {
    name: 'wrong passwords are sign-ins that succeed, and count when they are slow',
    rules: ['sign-in'],
    series: {
      ...requests({ ...LOGIN, status: '499' }, steady(60), 1),
      ...logins(steady(60)),
      ...logins(slowFor(60), '401'),
    },
    expect: [...quiet('59m', 'SignInBurn'), fires('1h59m', 'SignInBurn')],
  },
  {
    name: 'sign-ins that the rate limit refuses do not hide slow ones',
    rules: ['sign-in'],
    series: {
      ...logins(slowFor(60)),
      ...logins(steady(60), '429'),
      ...requests({ ...LOGIN, status: '499' }, steady(60_000), 1),
      ...durations({ ...LOGIN, status: '429' }, { all: steady(60_000), fast: steady(60_000), le: '0.5' }),
    },
    expect: [fires('1h59m', 'SignInBurn')],
  },
  ...[
    { alert: 'CachedReadBurn', labels: { ...READ, cache: 'hit' }, le: '0.008' },
    { alert: 'UncachedReadBurn', labels: { ...READ, cache: 'miss' }, le: '0.02' },
    { alert: 'SignInBurn', labels: { ...LOGIN, status: '200' }, le: '0.5' },
  ].map(({ alert, labels, le }) => ({
    name: `${alert}: six slow requests at night alert nobody`,
    rules,
    series: durations(labels, { all: NIGHT, fast: FAST_NIGHT, le }),
    expect: ['62m', '65m', '90m'].flatMap((at) => quiet(at, alert)),
  })),
];

export const LATENCY = CASES.map((each): Case => ({ ...each, interval: '1m', evaluate: '1m' }));
