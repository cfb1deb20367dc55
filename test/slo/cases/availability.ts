import { fires, quiet, silent, type Case } from '../support/case.ts';
import { requests } from '../support/series.ts';
import { AVAILABILITY_IN_DAYS } from './availability-in-days.ts';

const ALERT = 'AvailabilityBurn';
const rules = ['availability'];
const HOUR = 60;

const ratioOf = (window: string) => ({ at: '2h59m', expr: `sum(slo:sli_error:ratio_rate${window})`, value: 0 });
const failuresOf = (name: string) => ({ at: '2h59m', expr: `sum(slo:failed_events:${name})`, value: 0 });

export const AVAILABILITY: readonly Case[] = [
  {
    name: 'a total outage pages within 2 minutes and resets after it',
    rules,
    series: {
      ...requests({}, [
        [90, 600],
        [30, 0],
        [120, 600],
      ]),
      ...requests({ status: '503' }, [
        [90, 0],
        [30, 600],
        [120, 0],
      ]),
    },
    expect: [
      silent('90m', ALERT),
      fires('92m', ALERT),
      fires('119m', ALERT),
      // the short window of the fast pair is over after 5 minutes, that of the slow pair after 30
      silent('151m', ALERT),
      silent('3h59m', ALERT),
    ],
  },
  {
    name: 'a total outage pages within 2 minutes although no request had failed before',
    rules,
    series: {
      ...requests({}, [
        [90, 600],
        [30, 0],
      ]),
      ...{ [Object.keys(requests({ status: '503' }, []))[0] ?? '']: '_x540 100+100x179' },
    },
    expect: [silent('90m', ALERT), fires('92m', ALERT)],
  },
  {
    name: 'an outage of 40 s pages nobody',
    rules,
    series: {
      ...requests({}, [
        [120, 600],
        [40 / 60, 0],
        [60, 600],
      ]),
      ...requests({ status: '500' }, [
        [120, 0],
        [40 / 60, 600],
        [60, 0],
      ]),
    },
    expect: ['2h1m', '2h2m', '2h5m', '2h30m'].map((at) => silent(at, ALERT)),
  },
  {
    name: '2 % errors page within 45 minutes',
    rules,
    series: {
      ...requests({}, [
        [6 * HOUR, 1000],
        [HOUR, 980],
        [2 * HOUR, 1000],
      ]),
      ...requests({ status: '500' }, [
        [6 * HOUR, 0],
        [HOUR, 20],
        [2 * HOUR, 0],
      ]),
    },
    // not sooner than the long window says; reset 30 minutes after the end
    expect: [silent('6h30m', ALERT), fires('6h45m', ALERT), fires('6h59m', ALERT), silent('7h31m', ALERT)],
  },
  {
    name: 'one failed request at night alerts nobody, ten do',
    rules,
    series: {
      ...requests({}, [[3 * HOUR, 0.5]]),
      ...requests({ status: '500', method: 'GET' }, [
        [HOUR, 0],
        [1, 6],
        [HOUR, 0],
        [1, 24],
        [HOUR - 2, 0],
      ]),
    },
    expect: [
      ...['61m', '62m', '63m', '64m'].flatMap((at) => quiet(at, ALERT)),
      fires('2h2m', ALERT),
      fires('2h10m', ALERT, 'ticket'),
    ],
  },
  {
    name: '404, 429 and 499 are no failures, and unmatched paths no events',
    rules,
    series: {
      ...requests({}, [[HOUR, 60]]),
      ...requests({ status: '404' }, [[HOUR, 600]]),
      ...requests({ status: '429' }, [[HOUR, 600]]),
      ...requests({ status: '499' }, [[HOUR, 600]]),
      ...requests({ status: '404', route: 'unmatched', method: 'OTHER' }, [[HOUR, 6000]]),
    },
    expect: quiet('59m', ALERT),
    // 60 + 600 + 600 a minute
    values: [{ at: '59m', expr: 'round(sum(slo:valid_events:rate5m) * 60)', value: 1260 }],
  },
  {
    name: 'a scanner of unknown paths does not hide failures',
    rules,
    series: {
      ...requests({}, [[2 * HOUR, 90]]),
      ...requests({ status: '500' }, [[2 * HOUR, 10]]),
      ...requests({ status: '404', route: 'unmatched', method: 'GET' }, [[2 * HOUR, 60_000]]),
    },
    expect: [fires('119m', ALERT)],
  },
  {
    name: 'callers who give up do not hide failures',
    rules,
    series: {
      ...requests({}, [[2 * HOUR, 90]]),
      ...requests({ status: '500' }, [[2 * HOUR, 10]]),
      ...requests({ status: '499' }, [[2 * HOUR, 60_000]]),
    },
    expect: [fires('119m', ALERT)],
  },
  {
    name: 'restarted processes (counter resets) neither alert nor hide an outage',
    rules,
    series: {
      [Object.keys(requests({}, []))[0] ?? '']: '0+100x300 0+100x300 0x120',
      [Object.keys(requests({ status: '503' }, []))[0] ?? '']: '50x300 0x300 0+100x60 0+100x59',
    },
    expect: [...quiet('52m', ALERT), ...quiet('99m', ALERT), fires('103m', ALERT), fires('112m', ALERT)],
  },
  {
    name: 'another service in the same Prometheus changes nothing',
    rules,
    series: {
      ...requests({}, [[HOUR, 600]]),
      ...requests({ status: '500', service: 'billing' }, [[HOUR, 600]]),
    },
    expect: quiet('59m', ALERT),
  },
  {
    name: 'no traffic alerts nobody, and later ratios are numbers',
    rules,
    series: {
      ...requests({}, [
        [2 * HOUR, 0],
        [HOUR, 600],
      ]),
    },
    expect: [...quiet('1h', ALERT), ...quiet('2h59m', ALERT)],
    values: [
      { at: '1h', expr: 'count(slo:sli_error:ratio_rate5m) or vector(0)', value: 0 },
      ...['5m', '30m', '1h', '2h', '6h', '1d', '3d', '30d'].map((window) => ratioOf(window)),
      ...['rate5m', 'increase1h', 'increase6h', 'increase1d', 'increase3d'].map((name) => failuresOf(name)),
      { at: '2h59m', expr: 'sum(slo:current_burn_rate:ratio)', value: 0 },
      { at: '2h59m', expr: 'sum(slo:error_budget:ratio)', value: 0.001 },
      { at: '2h59m', expr: 'sum(slo:period_burn_rate:ratio)', value: 0 },
      { at: '2h59m', expr: 'sum(slo:period_error_budget_remaining:ratio)', value: 1 },
      { at: '2h59m', expr: 'sum(slo:objective:ratio)', value: 0.999 },
      { at: '2h59m', expr: 'sum(slo:time_period:days)', value: 30 },
      { at: '2h59m', expr: 'sum(sloth_slo_info{sloth_objective="99.9"})', value: 1 },
    ],
  },
  ...AVAILABILITY_IN_DAYS,
];
