// What telemetry costs the process that reports it. Prints one line per figure with its target; takes half a minute.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

import { startDatadogPush } from '../src/observability/metrics/datadog-push.ts';
import { makeMetrics } from '../src/observability/metrics/metrics.ts';

type Figure = { readonly what: string; readonly measured: number; readonly unit: string; readonly target: number };

const IDENTITY = { service: 'user-service', env: 'test', version: '1.2.3' };
const noop = (): void => undefined;

/** A registry as full as that of a busy api process: 100 series of requests, each with its buckets. */
const makeFullRegistry = () => {
  const metrics = makeMetrics({ ...IDENTITY, commit: 'abc123', topics: ['users', 'orders'], exporters: ['datadog'] });
  for (let route = 0; route < 20; route += 1)
    for (const status of [200, 400, 401, 404, 429])
      metrics.httpRequestSeconds.observe({ method: 'GET', route: `/api/v1/route-${route}/:id`, status }, 0.004);
  metrics.watchPool({ totalCount: 10, idleCount: 4, waitingCount: 0 });
  return metrics;
};

/** In a process of its own, so that its work is not counted. */
const startIntake = async (): Promise<{ url: string; stop: () => void }> => {
  const code = `
    const server = require('node:http').createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(202).end('{"errors":[]}'));
    });
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return { url: `http://127.0.0.1:${port.toString().trim()}`, stop: () => child.kill() };
};

/** Seconds of CPU that `work` takes, of all threads of this process. */
const cpuSeconds = async (work: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
};

const PUSHES = 15;
const EVERY_MS = 1000;

/** Pushes each second, and gives the share of a core that the same takes each 10 s. */
const measurePush = async (): Promise<Figure> => {
  const metrics = makeFullRegistry();
  const intake = await startIntake();
  const idle = await cpuSeconds(() => pause(PUSHES * EVERY_MS));
  const push = startDatadogPush({
    ...IDENTITY,
    metrics,
    logger: { info: noop, warn: noop },
    host: 'bench',
    url: intake.url,
    apiKey: () => 'bench',
    intervalMs: EVERY_MS,
  });
  await pause(3 * EVERY_MS); // compiles the code
  const busy = await cpuSeconds(() => pause(PUSHES * EVERY_MS));
  await push.close();
  intake.stop();
  const { values } = (await metrics.registry.getSingleMetric('telemetry_points_total')?.get()) ?? { values: [] };
  const points = (values[0]?.value ?? 0) / (PUSHES + 4);
  const perPush = Math.max(busy - idle, 0) / PUSHES;
  return {
    what: `pushing ${points.toFixed(0)} points to Datadog each 10 s (${(perPush * 1000).toFixed(1)} ms of CPU a push)`,
    measured: (perPush / 10) * 100,
    unit: '% of a core',
    target: 1,
  };
};

/** Each measures by itself; add a function to add a figure. */
const FIGURES: readonly (() => Promise<Figure>)[] = [measurePush];

for (const figure of FIGURES) {
  const { what, measured, unit, target } = await figure();
  console.log(`${what}: ${measured.toFixed(2)} ${unit}, target ≤ ${target}${measured > target ? ' MISSED' : ''}`);
  if (measured > target) process.exitCode = 1;
}
process.exit();
