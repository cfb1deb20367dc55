// Slow losses, in simulated days.

import { fires, quiet, silent, type Case } from '../support/case.ts';
import { requests } from '../support/series.ts';

const ALERT = 'AvailabilityBurn';
const rules = ['availability'];
const HOUR = 60;
const DAY = 24 * HOUR;

export const AVAILABILITY_IN_DAYS: readonly Case[] = [
  {
    name: '0.8 % errors page within 6 hours, by the slow pair alone',
    rules,
    interval: '1m',
    evaluate: '5m',
    series: {
      ...requests(
        {},
        [
          [6 * HOUR, 1000],
          [6 * HOUR, 992],
        ],
        1,
      ),
      ...requests(
        { status: '500' },
        [
          [6 * HOUR, 0],
          [6 * HOUR, 8],
        ],
        1,
      ),
    },
    expect: [silent('9h', ALERT), fires('11h', ALERT)],
  },
  {
    name: '0.4 % errors open a ticket within a day and page nobody',
    rules,
    interval: '1m',
    evaluate: '5m',
    series: {
      ...requests(
        {},
        [
          [DAY, 1000],
          [DAY, 996],
          [DAY / 2, 1000],
        ],
        1,
      ),
      ...requests(
        { status: '500' },
        [
          [DAY, 0],
          [DAY, 4],
          [DAY / 2, 0],
        ],
        1,
      ),
    },
    expect: [
      silent('24h', ALERT, 'ticket'),
      fires('44h', ALERT, 'ticket'),
      silent('47h', ALERT),
      silent('59h', ALERT, 'ticket'),
    ],
  },
  {
    name: '0.15 % errors open a ticket by the slowest pair alone',
    rules,
    interval: '1m',
    evaluate: '5m',
    series: {
      ...requests({}, [[4 * DAY, 9985]], 1),
      ...requests({ status: '500' }, [[4 * DAY, 15]], 1),
    },
    expect: [fires('95h', ALERT, 'ticket'), silent('95h', ALERT)],
  },
  {
    name: 'on a day with few requests the first pair of tickets sees what the last one does not',
    rules,
    interval: '1m',
    evaluate: '5m',
    series: {
      ...requests(
        {},
        [
          [2 * DAY, 10_000],
          [DAY, 497],
        ],
        1,
      ),
      ...requests(
        { status: '500' },
        [
          [2 * DAY, 0],
          [DAY, 3],
        ],
        1,
      ),
    },
    // the window of a day then has only half an hour of the busy days, the window of three days nearly all of them
    expect: [silent('48h', ALERT, 'ticket'), fires('71h30m', ALERT, 'ticket')],
  },
  {
    name: 'two hours of 0.4 % errors after a good day open no ticket',
    rules,
    interval: '1m',
    evaluate: '5m',
    series: {
      ...requests(
        {},
        [
          [DAY, 1000],
          [2 * HOUR, 996],
        ],
        1,
      ),
      ...requests(
        { status: '500' },
        [
          [DAY, 0],
          [2 * HOUR, 4],
        ],
        1,
      ),
    },
    expect: quiet('25h55m', ALERT),
  },
  {
    name: '0.05 % errors alert nobody in four days',
    rules,
    interval: '1m',
    evaluate: '5m',
    series: {
      ...requests({}, [[4 * DAY, 9995]], 1),
      ...requests({ status: '500' }, [[4 * DAY, 5]], 1),
    },
    expect: ['1h', '6h', '1d', '47h', '3d', '95h'].flatMap((at) => quiet(at, ALERT)),
    values: [{ at: '95h', expr: 'round(sum(slo:period_error_budget_remaining:ratio) * 1000)', value: 500 }],
  },
];
