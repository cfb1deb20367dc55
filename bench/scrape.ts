// Prints what docs/telemetry.md states: how long a scrape takes with every combination of labels that is kept apart, what an hour of them leaves on the
// heap, what a sample costs with and without a trace, and how many series 100,000 random users and paths add.

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { Histogram } from 'prom-client';

import { countSeries, parseExposition } from '../scripts/telemetry/exposition.ts';
import { TOPICS } from '../src/messaging/event-topics.ts';
import { makeMetrics } from '../src/observability/metrics/metrics.ts';
import { makeFakeServer, userRepresentation } from '../test/support/http/fake-deps.ts';

const SCRAPES = 300;
const SCRAPES_OF_AN_HOUR = 3600;
const SAMPLES = 200_000;
const PATHS = 100_000;
const NS_PER_MS = 1_000_000;

const TRACE = { traceId: '0af7651916cd43dd8448eb211c80319c' };
const make = (currentTrace = () => TRACE as { traceId: string } | undefined) =>
  makeMetrics({ service: 'user-service', env: 'bench', version: '1', commit: 'c', topics: TOPICS, currentTrace });
type Metrics = ReturnType<typeof make>;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const seriesOf = async ({ registry }: Metrics): Promise<number> =>
  countSeries(parseExposition(await registry.metrics()));

/** Unlike the time that passes, it does not depend on what else runs on the machine. */
const cpuMsOf = async (work: () => unknown): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

const labels = { method: 'GET', route: '/api/v1/users/:id', status: '200', cache: 'hit' } as const;

const makeBusy = (): Metrics => {
  const metrics = make();
  for (let route = 0; route < 100; route += 1)
    metrics.httpRequestSeconds.labels({ ...labels, route: `/r${route}` }).observe(route / 100);
  return metrics;
};

const scrape = async ({ registry }: Metrics, times: number): Promise<void> => {
  for (let nth = 0; nth < times; nth += 1) await registry.metrics();
};

const scrapes = async (): Promise<void> => {
  const metrics = makeBusy();
  const cpuMs = await cpuMsOf(() => scrape(metrics, SCRAPES));
  print(`a scrape of ${await seriesOf(metrics)} series: ${(cpuMs / SCRAPES).toFixed(2)} ms of CPU`);
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const heapBytes = async (): Promise<number> => {
  await pause(100); // what the last turn of the event loop holds is free then
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

/** An hour of a scraper that asks each second, which is far too often. */
const hourOfScrapes = async (): Promise<void> => {
  const metrics = makeBusy();
  await scrape(metrics, SCRAPES);
  const before = await heapBytes();
  await scrape(metrics, SCRAPES_OF_AN_HOUR);
  print(`${SCRAPES_OF_AN_HOUR} scrapes: ${(((await heapBytes()) - before) / 1024).toFixed(0)} KiB more on the heap`);
};

type Observe = (seconds: number) => void;

const sample = async (what: string, observe: Observe): Promise<void> => {
  const run = (count: number) => () => {
    for (let nth = 0; nth < count; nth += 1) observe((nth % 100) / 1000);
  };
  run(SAMPLES / 10)();
  print(`a sample ${what}: ${(((await cpuMsOf(run(SAMPLES))) * NS_PER_MS) / SAMPLES).toFixed(0)} ns of CPU`);
};

const samples = async (): Promise<void> => {
  const names = Object.keys(labels);
  const bare = new Histogram({ name: 'bare', help: 'x', labelNames: names, registers: [], enableExemplars: true });
  const child = bare.labels(labels);
  await sample('of bare prom-client', (seconds) => {
    child.observe(seconds);
  });
  await sample('of prom-client with an exemplar each', (value) => {
    bare.observe({ labels, value, exemplarLabels: { trace_id: TRACE.traceId } });
  });
  const untraced = make(() => undefined).httpRequestSeconds.labels(labels);
  await sample('without a tracer', (seconds) => {
    untraced.observe(seconds);
  });
  const traced = make().httpRequestSeconds.labels(labels);
  await sample('with a trace, one exemplar per bucket and scrape', (seconds) => {
    traced.observe(seconds);
  });
};

const randomPaths = async (): Promise<void> => {
  const metrics = make();
  const readUser = () => Promise.resolve(userRepresentation);
  const app = await makeFakeServer({ metrics, readUser });
  const headers = { authorization: 'Bearer x' };
  const request = async (): Promise<void> => {
    await app.inject({ url: `/api/v1/users/${randomUUID()}`, headers });
    await app.inject({ url: `/${randomUUID()}` });
  };
  await request();
  const before = await seriesOf(metrics);
  for (let path = 0; path < PATHS; path += 2) await request();
  print(`${PATHS} random users and paths: ${(await seriesOf(metrics)) - before} new series`);
  await app.close();
};

await scrapes();
await hourOfScrapes();
await samples();
await randomPaths();
