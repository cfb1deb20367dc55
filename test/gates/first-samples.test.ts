// `increase` and `rate` do not see the first event of a series that is born with it: what an alert or an objective counts exists from the start of a
// process. What is left: Prometheus has to have scraped the process once before the event.

import { beforeAll, expect, it } from 'vitest';

import { readCauses, readSlos } from '../../scripts/slo/definitions.ts';
import { failedEvents, validEvents } from '../../scripts/slo/sli.ts';
import { parseExposition, type Sample } from '../../scripts/telemetry/exposition.ts';
import { makePublicServer } from '../../src/http/server.ts';
import { TOPICS } from '../../src/messaging/event-topics.ts';
import { makeMetrics } from '../../src/observability/metrics/metrics.ts';
import { fakeDeps } from '../support/http/fake-deps.ts';
import { readPromql, type Matcher, type Selector } from './promql.ts';

const IDENTITY = { service: 'user-service', env: 'test', version: '1', commit: 'c' };
/** Their series exist where an exporter is on. */
const EXPORTERS = ['datadog', 'newrelic'];

let samples: readonly Sample[] = [];

/** A process that has just started: nothing has happened. */
beforeAll(async () => {
  const metrics = makeMetrics({ ...IDENTITY, topics: TOPICS, exporters: EXPORTERS });
  const app = await makePublicServer({ ...fakeDeps(), metrics });
  await app.ready();
  samples = parseExposition(await metrics.registry.metrics()).flatMap((family) => family.samples);
  await app.close();
});

const holds = ({ label, operator, value }: Matcher, { labels }: Sample): boolean => {
  const actual = new Map(Object.entries(labels)).get(label) ?? '';
  const isMatch = operator.includes('~') ? new RegExp(`^(?:${value})$`).test(actual) : actual === value; // eslint-disable-line security/detect-non-literal-regexp -- of our own files
  return operator.startsWith('!') ? !isMatch : isMatch;
};

const exists = ({ metric, matchers }: Selector): boolean =>
  samples.some((sample) => sample.name === metric && matchers.every((matcher) => holds(matcher, sample)));

const countedIn = (expr: string): Selector[] =>
  readPromql(expr.replaceAll('$scope', 'service="user-service"').replaceAll(/\$up\([\w-]+\)/g, 'up')).selectors.filter(
    ({ isCounted }) => isCounted,
  );

const nameOf = ({ metric, matchers }: Selector): string =>
  [metric, ...matchers.map(({ label, operator, value }) => `${label}${operator}${value}`)].join(' ');

const missing = (expr: string): string[] =>
  countedIn(expr)
    .filter((selector) => !exists(selector))
    .map(nameOf);

const causes = readCauses().filter(({ expr }) => countedIn(expr).length > 0);

it.each(causes.map(({ name, expr }) => [name, expr]))('what %s counts exists before it happens', (_name, expr) => {
  expect(missing(expr)).toEqual([]);
});

it('there are such alerts', () => {
  expect(causes.map(({ name }) => name)).toEqual(expect.arrayContaining(['DeadLetters', 'UnhandledRejections']));
});

it.each(readSlos().slos.map(({ name, sli }) => [name, sli] as const))(
  'what the objective %s counts exists before it happens',
  (_name, sli) => {
    if ('gauge' in sli) return;
    const exprs = [
      validEvents(sli, 'service="user-service"', 'rate', '5m'),
      failedEvents(sli, 'service="user-service"', 'rate', '5m'),
    ];
    expect(exprs.flatMap(countedIn).length).toBeGreaterThan(0);
    expect(exprs.flatMap(missing)).toEqual([]);
  },
);

it('finds a series that does not exist', () => {
  expect(missing('sum(increase(events_consumed_total{$scope,result="lost"}[5m])) > 0')).toEqual([
    'events_consumed_total service=user-service result=lost',
  ]);
});
