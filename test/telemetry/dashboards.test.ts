// Every query of every Grafana dashboard returns data on a real Prometheus that scrapes the running processes; and one request is found by its
// trace id in the log, in a trace, and by exemplar in a metric.

import { env } from 'node:process';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dashboardQueries } from '../support/dashboard-queries.ts';
import { eventually } from '../support/eventually.ts';
import { startOtlpReceiver } from './support/otlp-receiver.ts';
import { startPrometheus, type Exemplar, type Prometheus, type Sample } from './support/prometheus.ts';
import { makeTraffic, startSystem } from './support/observed-system.ts';

const { PROMETHEUS: program = '' } = env;
if (program === '')
  process.stdout.write('SKIPPED: dashboards, because PROMETHEUS is not set: `.ci/engine prometheus`\n');

const TRAFFIC_SECONDS = 12;
const QUERIES = dashboardQueries('30s');

/** A quantile of nothing is NaN, which Grafana does not draw. */
const isData = ({ value: [, text] }: Sample): boolean => text !== 'NaN';

type Result = { readonly panel: string; readonly expr: string; readonly samples: number; readonly error?: string };

const run = async (prometheus: Prometheus, { panel, expr }: { panel: string; expr: string }): Promise<Result> => {
  try {
    const found = await prometheus.query(expr);
    return { panel, expr, samples: found.filter(isData).length };
  } catch (error) {
    return { panel, expr, samples: 0, error: String(error) };
  }
};

/** The messages of log lines with this trace id. */
const messagesOf = (output: string, traceId: string): string[] =>
  output
    .split('\n')
    .filter((line) => line.includes(`"${traceId}"`))
    .map((line) => (JSON.parse(line) as { msg: string }).msg);

describe.skipIf(program === '')('dashboards', () => {
  let prometheus: Prometheus;
  let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;
  let output: Record<string, string>;
  let results: Result[];
  let exemplars: { requests: Exemplar[]; orders: Exemplar[] };

  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    const system = await startSystem(receiver.url);
    prometheus = await startPrometheus(program, system.targets);
    await makeTraffic(system.url, TRAFFIC_SECONDS);
    // the rules build on each other: the last of them have a result a few evaluations after the first scrape
    await eventually(
      async () => {
        expect(await prometheus.query('slo:period_error_budget_remaining:ratio')).not.toEqual([]);
      },
      { deadlineMs: 20_000 },
    );
    results = await Promise.all(QUERIES.map((query) => run(prometheus, query)));
    exemplars = {
      requests: await prometheus.exemplars('http_request_duration_seconds_bucket{route="/api/v1/orders"}'),
      orders: await prometheus.exemplars('order_processing_time_seconds_bucket'),
    };
    output = system.output();
  }, 240_000);
  afterAll(async () => {
    await prometheus.stop();
    receiver.close();
  });

  it('ask nothing that Prometheus refuses', () => {
    expect(results.length).toBeGreaterThan(60);
    expect(results.filter(({ error }) => error !== undefined)).toEqual([]);
  });

  it('have no empty panel', () => {
    expect(results.filter(({ samples }) => samples === 0)).toEqual([]);
  });

  it('would be found empty if a metric had another name', async () => {
    const renamed = QUERIES.map(({ panel, expr }) => ({
      panel,
      expr: expr.replaceAll('orders_placed_', 'orders_made_'),
    }));
    const empty = (await Promise.all(renamed.map((query) => run(prometheus, query)))).filter(
      ({ expr, samples }) => samples === 0 && expr.includes('orders_made_'),
    );
    expect(empty.map(({ panel }) => panel)).toEqual(['Orders', 'Orders placed and decided']);
  });

  it('link a request from the metric to its log line and its trace', () => {
    const ids = exemplars.requests.map(({ labels }) => labels.trace_id ?? '');
    expect(ids).not.toEqual([]);
    for (const id of ids) {
      expect(messagesOf(output.api ?? '', id)).toContain('request completed');
      expect(receiver.operations(id)).toContain('fastify.request');
    }
  });

  it('link an order from the metric of the worker to the log lines and the spans of three processes', () => {
    const [id = ''] = exemplars.orders.map(({ labels }) => labels.trace_id ?? '');
    expect(messagesOf(output.api ?? '', id)).toContain('order placed');
    expect(messagesOf(output.worker ?? '', id)).toContain('order confirmed');
    expect(receiver.operations(id)).toEqual(
      expect.arrayContaining(['fastify.request', 'pg.query', 'outbox.publish', 'event.consume']),
    );
  });
});
