// observability/telemetry.yaml against the lists of the source, in both directions; what running processes emit is compared in test/telemetry/.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadContract, parseContract, type Named } from '../../scripts/telemetry/contract.ts';
import { TOPICS } from '../../src/messaging/event-topics.ts';
import { LOG_FIELDS } from '../../src/observability/log-fields.ts';
import { DATADOG_METRICS } from '../../src/observability/metrics/datadog-names.ts';
import { SPAN_NUMBERS, SPAN_RESOURCES, SPAN_TAGS } from '../../src/observability/spans/span-fields.ts';
import { fakeDeps } from '../support/http/fake-deps.ts';
import { makePublicServer } from '../../src/http/server.ts';

const contract = loadContract();
const text = readFileSync(join(import.meta.dirname, '../../observability/telemetry.yaml'), 'utf8');

const ofService = ({ processes }: Named): boolean => processes.some((process) => process !== 'notification-service');
const namesOf = (entries: readonly Named[]): string[] => [
  ...new Set(entries.filter(ofService).map(({ name }) => name)),
];
const sorted = (names: Iterable<string>): string[] => [...names].sort((a, b) => a.localeCompare(b));

/** What the logger adds to each line, and pino. */
const OF_EACH_LINE = ['level', 'timestamp', 'msg', 'dd.service', 'dd.env', 'dd.version', 'dd.trace_id', 'dd.span_id'];
/** What the allow-list of spans makes from allowed parts, and what every span has from the settings of the tracer. */
const MADE_ATTRIBUTES = ['_dd.span_links', 'error.stack', 'service'];

describe('the telemetry contract', () => {
  it('has exactly the log fields of the allow-list', () => {
    expect(sorted(namesOf(contract.logFields))).toEqual(sorted([...Object.keys(LOG_FIELDS), ...OF_EACH_LINE]));
  });

  it('has exactly the spans of the allow-list, and their attributes', () => {
    expect(sorted(namesOf(contract.spans))).toEqual(sorted(SPAN_RESOURCES.keys()));
    expect(sorted(namesOf(contract.spanAttributes))).toEqual(
      sorted([...SPAN_TAGS.keys(), ...SPAN_NUMBERS, ...MADE_ATTRIBUTES]),
    );
  });

  it('has the names that Datadog gets', () => {
    const documented = contract.metrics.flatMap(({ name, datadog }) => (datadog ? [[name, datadog] as const] : []));
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(DATADOG_METRICS));
  });

  it('has exactly the routes of the router', async () => {
    const app = await makePublicServer(fakeDeps());
    const isRoute = (url: string): boolean =>
      (['GET', 'POST', 'PUT'] as const).some((method) => app.hasRoute({ method, url }));
    const routes = app.printRoutes({ commonPrefix: false }).split('\n').filter(Boolean);
    await app.close();
    expect(contract.routes.filter((url) => !isRoute(url))).toEqual(['unmatched', 'other']);
    expect(contract.routes.filter(isRoute)).toHaveLength(routes.length);
  });

  it('has the topics of the events', () => {
    const { labels } = contract.metrics.find(({ name }) => name === 'outbox_published_total') ?? {};
    expect(labels?.topic).toEqual({ values: TOPICS });
  });
});

/** Name, what is replaced, by what, the message. */
const FAULTS: readonly [string, string, string, RegExp][] = [
  [
    'a field that does not exist',
    'type: histogram',
    'type: histogram\n    bucket: 1',
    /line \d+: metrics\.0: unknown field bucket/,
  ],
  ['an unknown type', 'type: histogram', 'type: summary', /line 41: metrics\.0\.type: /],
  ['a pattern that is none', String.raw`'\d{1,2}'`, "'('", /line \d+: metrics\.\d+\.labels\.shard/],
  ['an unknown process', 'processes: [api]', 'processes: [web]', /line \d+: metrics\.0\.processes\.0: /],
  [
    'a metric that is there twice',
    'name: user_erasures_total',
    'name: user_registrations_total',
    /line \d+: metrics\.\d+\.name: user_registrations_total is there twice for api/,
  ],
  [
    'a counter without _total',
    'name: user_erasures_total',
    'name: user_erasures',
    /line \d+: metrics\.\d+\.name: the name of a counter ends with _total/,
  ],
  [
    'budgets above that of the process',
    'budget: 1176',
    'budget: 1476',
    /the budgets of api are \d+ series, more than 1500/,
  ],
  ['text that is no YAML', '\nmetrics:', '\nmetrics: [', /at line \d+/],
];

describe('parseContract', () => {
  it.each(FAULTS)('reports %s with its line', (_name, from, to, message) => {
    expect(text).toContain(from);
    expect(() => parseContract(text.replace(from, to))).toThrow(message);
  });
});
