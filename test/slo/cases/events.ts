import { fires, quiet, silent, type Case } from '../support/case.ts';
import { counter, gauge, seriesOf, type Phase } from '../support/series.ts';

const AGE = seriesOf('outbox_oldest_event_seconds', { job: 'relay', instance: 'relay:8081' });
const STANDBY = seriesOf('outbox_oldest_event_seconds', { job: 'relay', instance: 'relay-2:8081' });
const HOUR = 60;

const FRESHNESS: readonly Case[] = [
  {
    name: 'events that wait page within 3 minutes and reset after them',
    rules: ['event-freshness'],
    series: { [AGE]: gauge([90, 1], [20, 60], [120, 0]), [STANDBY]: gauge([230, 0]) },
    expect: [
      silent('90m', 'EventFreshnessBurn'),
      fires('93m', 'EventFreshnessBurn'),
      fires('109m', 'EventFreshnessBurn'),
      silent('2h25m', 'EventFreshnessBurn'),
    ],
  },
  {
    name: 'events that are 5 s old are fresh, 6 s are not',
    rules: ['event-freshness'],
    series: { [AGE]: gauge([60, 5], [20, 6]) },
    expect: [...quiet('59m', 'EventFreshnessBurn'), fires('70m', 'EventFreshnessBurn')],
  },
  {
    name: 'a relay that takes over within two minutes alerts nobody',
    rules: ['event-freshness'],
    series: { [AGE]: gauge([90, 0], [1.5, 60], [120, 0]) },
    expect: ['91m', '92m', '93m', '100m', '3h'].map((at) => silent(at, 'EventFreshnessBurn')),
  },
  {
    name: 'no relay means that events are not fresh',
    rules: ['event-freshness'],
    series: { [AGE]: gauge([60, 0], [30, '_']) },
    expect: [...quiet('59m', 'EventFreshnessBurn'), fires('80m', 'EventFreshnessBurn')],
  },
  {
    name: 'many short delays open a ticket',
    rules: ['event-freshness'],
    // one minute in three hours: 0.6 %, six times the budget
    series: { [AGE]: Array.from({ length: 10 }, () => gauge([179, 0], [1, 20])).join(' ') },
    expect: [silent('28h', 'EventFreshnessBurn'), fires('27h5m', 'EventFreshnessBurn', 'ticket')],
  },
];

const bucket = (le: string, phases: readonly Phase[], status = 'confirmed') => ({
  [seriesOf('order_processing_time_seconds_bucket', { job: 'worker', instance: 'worker:8081', status, le })]:
    counter(phases),
});
const orders = (all: readonly Phase[], fast: readonly Phase[], le: string) => ({
  [seriesOf('order_processing_time_seconds_count', { job: 'worker', instance: 'worker:8081', status: 'confirmed' })]:
    counter(all),
  ...bucket(le, fast),
  ...bucket('2.5', [[4 * HOUR, 0]]),
  ...bucket('10', all),
});
const steady: Phase[] = [[4 * HOUR, 60]];
const slow: Phase[] = [
  [HOUR, 60],
  [HOUR, 30],
  [2 * HOUR, 60],
];

const ORDERS: readonly Case[] = [
  {
    name: 'orders that are decided in time alert nobody',
    rules: ['order-processing'],
    series: orders(steady, steady, '5'),
    expect: ['1h', '2h', '3h59m'].flatMap((at) => quiet(at, 'OrderProcessingBurn')),
  },
  ...['5', '5.0'].map((le) => ({
    name: `orders that are decided late page and reset (bucket ${le})`,
    rules: ['order-processing'],
    series: orders(steady, slow, le),
    expect: [
      ...quiet('59m', 'OrderProcessingBurn'),
      fires('1h30m', 'OrderProcessingBurn'),
      silent('2h45m', 'OrderProcessingBurn'),
    ],
  })),
  {
    name: 'five late orders at night alert nobody',
    rules: ['order-processing'],
    series: orders(
      [
        [HOUR, 0],
        [1, 5],
        [HOUR, 0],
      ],
      [[2 * HOUR + 1, 0]],
      '5',
    ),
    expect: ['61m', '62m', '64m', '2h'].flatMap((at) => quiet(at, 'OrderProcessingBurn')),
  },
];

export const EVENTS: readonly Case[] = [...FRESHNESS, ...ORDERS];
