// What Datadog's agent makes of /metrics, by Datadog's own code of the check: names, types and tags are those of the allow-list, as the exporter in
// the process sends them.

import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Registry, type RegistryContentType } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DATADOG_METRICS, type DatadogType } from '../../src/observability/metrics/datadog-names.ts';
import { makeSeries } from '../../src/observability/metrics/datadog-series.ts';
import { makeRegistryDeltas } from '../../src/observability/metrics/registry-deltas.ts';
import { makeBusyMetrics } from './support/busy-metrics.ts';
import { runDatadogCheck, whyNoDatadogCheck, type Submission } from './support/datadog-check.ts';

const root = join(import.meta.dirname, '../..');
const SIDECAR = join(root, 'helm/user-service/files/openmetrics.yaml');

const reason = await whyNoDatadogCheck();
if (reason !== undefined) process.stdout.write(`SKIPPED: ${reason}\n`);

/** Both formats of the exposition. */
const FORMATS = [Registry.PROMETHEUS_CONTENT_TYPE, Registry.OPENMETRICS_CONTENT_TYPE] as const;

const registry = makeBusyMetrics().registry as unknown as Registry<RegistryContentType>;
const server = createServer((request, response) => {
  registry.setContentType(FORMATS[request.url === '/openmetrics' ? 1 : 0]);
  void registry.metrics().then((text) => response.setHeader('content-type', registry.contentType).end(text));
});
const urlOf = (format: string): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}/${format === FORMATS[1] ? 'openmetrics' : 'metrics'}`;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

/** How the check submits each type. */
const SUBMITTED: ReadonlyMap<DatadogType, string> = new Map([
  ['count', 'rate'],
  ['gauge', 'gauge'],
  ['distribution', 'distribution'],
  ['buckets', 'monotonic_count'],
]);

const isBound = (tag: string): boolean => /^(?:lower|upper)_bound:/.test(tag);
const textOf = (name: string, type: string, tags: readonly string[]): string =>
  `${name} ${type} ${tags.toSorted((a, b) => a.localeCompare(b)).join(' ')}`;

/** A distribution has its buckets as tags: they are not compared, see docs/datadog.md. */
const seenBy = (submissions: readonly Submission[]): string[] =>
  submissions.map(({ name, type, tags }) =>
    textOf(name, type, type === 'distribution' ? tags.filter((tag) => !isBound(tag)) : tags),
  );

type Value = { readonly labels: Readonly<Record<string, string | number>>; readonly metricName?: string };

/** Python's text of a bound, as the check writes it. */
const boundOf = (value: string | number): string => (Number.isInteger(value) ? `${value}.0` : String(value));
const tagsOf = (labels: Value['labels']): string[] =>
  Object.entries(labels).map(([label, value]) =>
    label === 'le' ? `upper_bound:${boundOf(value)}` : `${label}:${value}`,
  );

/** What the allow-list says about a sample of the registry, which names counters without `_total` in OpenMetrics. */
const expectedOf = (metric: string, { labels, metricName = metric }: Value): string[] => {
  const mapped = DATADOG_METRICS.get(metric) ?? DATADOG_METRICS.get(`${metric}_total`);
  if (mapped === undefined || labels.le === '+Inf') return [];
  const { name, type } = mapped;
  const part = metricName.slice(metric.length).replace('_', '.');
  if (type === 'distribution' && part !== '.count') return []; // one text for all its samples
  const tags = tagsOf({ ...labels, service: 'user-service', env: 'test', version: '1' });
  return [textOf(type === 'buckets' ? `${name}${part}` : name, SUBMITTED.get(type) ?? '', tags)];
};

const expected = async (): Promise<Set<string>> => {
  const metrics = await makeBusyMetrics().registry.getMetricsAsJSON(); // it adds the tags of all series to those it reads
  return new Set(metrics.flatMap(({ name, values }) => values.flatMap((value) => expectedOf(name, value as Value))));
};

/** Types of the series API. */
const IN_APP = new Map([
  [1, 'count'],
  [3, 'gauge'],
]);

/** What the exporter in the process sends of the same registry, distributions apart. */
const pushed = async (): Promise<Set<string>> => {
  const { readSamples } = makeRegistryDeltas({
    registry: makeBusyMetrics().registry,
    names: [...DATADOG_METRICS.keys()].filter((name) => DATADOG_METRICS.get(name)?.type !== 'distribution'),
  });
  const { series } = makeSeries({ service: 'user-service', env: 'test', version: '1', host: 'a-host' });
  const all = series(await readSamples(), { timestamp: 1, interval: 10 });
  return new Set(all.map(({ metric, type, tags }) => textOf(metric, IN_APP.get(type) ?? '', tags)));
};

const edited = (edit: (text: string) => string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'openmetrics-')), 'conf.yaml');
  const text = readFileSync(SIDECAR, 'utf8');
  const changed = edit(text);
  if (changed === text) throw new Error('The edit changes nothing.');
  writeFileSync(path, changed);
  return path;
};

describe.skipIf(reason !== undefined)("Datadog's OpenMetrics check", { timeout: 120_000 }, () => {
  it.each(FORMATS)('submits the allow-list, and nothing else, from %s', async (format) => {
    const seen = seenBy(await runDatadogCheck(SIDECAR, urlOf(format)));
    expect(new Set(seen)).toEqual(await expected());
    const names = new Set(seen.map((text) => text.split(' ', 1)[0]?.replace(/\.(?:bucket|sum|count)$/, '')));
    expect(names).toEqual(new Set([...DATADOG_METRICS.values()].map(({ name }) => name)));
  });

  it.each(FORMATS)('submits the same names and tags as the exporter in the process, from %s', async (format) => {
    const counted = (await runDatadogCheck(SIDECAR, urlOf(format))).filter(({ type }) => type !== 'distribution');
    const seen = counted.map(({ name, type, tags }) => textOf(name, type === 'gauge' ? 'gauge' : 'count', tags));
    expect(new Set(seen)).toEqual(await pushed());
  });

  it('submits each series once', async () => {
    const counted = seenBy(await runDatadogCheck(SIDECAR, urlOf(FORMATS[0]))).filter(
      (text) => !text.includes(' distribution '),
    );
    expect(counted.length).toBeGreaterThan(50);
    expect(counted.filter((text, index) => counted.indexOf(text) !== index)).toEqual([]);
  });

  it('submits the values: registrations as their total, an order in the bucket of its duration', async () => {
    const submissions = await runDatadogCheck(SIDECAR, urlOf(FORMATS[0]));
    expect(submissions.find(({ name }) => name === 'user.registrations')?.value).toBe(3);
    const filled = submissions.filter(({ name, value }) => name === 'order.processing.time' && value > 0);
    expect(filled.map(({ value, tags }) => [value, ...tags.filter(isBound)])).toEqual([
      [1, 'lower_bound:1.0', 'upper_bound:2.5'],
    ]);
  });

  /** What is edited, the edit, and a part of what the check then submits too much. */
  it.each<[string, (text: string) => string, string]>([
    ['a pattern for all metrics', (text) => text.replace('metrics:\n', "metrics:\n      - '.*'\n"), 'nodejs_'],
    [
      'a counter as a counter',
      (text) => text.replace('user.registrations\n          type: rate', 'user.registrations\n          type: counter'),
      'user.registrations.count ',
    ],
    ['a tag for the endpoint', (text) => text.replaceAll('by_endpoint: false', 'by_endpoint: true'), ' endpoint:'],
    [
      'no distribution',
      (text) => text.replace('as_distributions: true', 'as_distributions: false'),
      'order.processing.time.bucket ',
    ],
  ])('submits something else with %s', async (_what, edit, part) => {
    const wanted = await expected();
    const more = seenBy(await runDatadogCheck(edited(edit), urlOf(FORMATS[0]))).filter((text) => !wanted.has(text));
    expect(more.join('\n')).toContain(part);
  });

  it('submits nothing for a counter that is named with its suffix', async () => {
    const conf = edited((text) => text.replace('- user_registrations:', '- user_registrations_total:'));
    const names = (await runDatadogCheck(conf, urlOf(FORMATS[0]))).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('user.registrations'))).toEqual([]);
    expect(names).toContain('user.erasures');
  });
});
