// Performance goals P1 and P2: throughput and CPU cost of the cached read with all features enabled, without and with a tracer. bench/README.md
// explains the report.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startTraceAgent } from '../test/support/trace-agent.ts';
import { isCalibrated, writeReport, type Measured } from './cached-read-report.ts';
import { takeLoadCore } from './cores.ts';
import { startDependencies } from './dependencies.ts';
import { measure, type Sample } from './measure.ts';
import { startServer, type MeasuredServer } from './measured-server.ts';
import { makeReadRequest } from './read-request.ts';

const USAGE = `node bench/cached-read.ts [options]

  --rounds N    number of measured rounds; use at least 7 for a result to keep (default: 7)
  --seconds S   duration of the load per server and round, in seconds (default: 4)
  --traced      compare with a traced Fastify route: dd-trace in both servers, sending to a local agent
  --write       write the report to bench/report.md or bench/report-traced.md
  --help        print this help`;

const FLAGS = {
  rounds: { type: 'string', default: '7' },
  seconds: { type: 'string', default: '4' },
  traced: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const positive = (name: string, text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} must be a positive integer`);
  return value;
};
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Stops everything that was started; called in reverse order. */
const stops: (() => Promise<void>)[] = [];
const opened = <T extends { readonly stop: () => Promise<void> }>(part: T): T => {
  stops.push(part.stop);
  return part;
};

const SERVICE_TRACER = join(import.meta.dirname, '../src/observability/tracer.ts');
const PLAIN_TRACER = join(import.meta.dirname, 'servers/plain-tracer.ts');

/** Where both traced servers send their spans. It runs on the load core. */
const startAgent = async (): Promise<Record<string, string>> => {
  const agent = await startTraceAgent();
  opened({
    stop: () => {
      agent.close();
      return Promise.resolve();
    },
  });
  return { DD_TRACE_AGENT_URL: agent.url };
};

/** Node, Fastify to calibrate, Fastify to compare with, the service. Without a tracer the middle two are one server. */
const startServers = async (traced: boolean, pinned: boolean) => {
  print('starting PostgreSQL, Redis and the service …');
  const { env, port } = opened(await startDependencies());
  const agent = traced ? await startAgent() : {};
  const tracer = traced ? { preload: SERVICE_TRACER } : {};
  const service = opened(
    await startServer({ file: 'service.ts', argument: `${port}`, env: { ...env, ...agent }, ...tracer, pinned }),
  );
  const request = await makeReadRequest(service.url);
  const bare = { argument: request.body, pinned };
  const raw = opened(await startServer({ ...bare, file: 'raw.ts' }));
  const fastify = opened(await startServer({ ...bare, file: 'bare-fastify.ts' }));
  const options = { ...bare, file: 'bare-fastify.ts', env: agent, preload: PLAIN_TRACER };
  const baseline = traced ? opened(await startServer(options)) : fastify;
  return { request, raw, fastify, baseline, service };
};

type Options = { readonly rounds: number; readonly seconds: number; readonly traced: boolean };

const run = async ({ rounds, seconds, traced }: Options): Promise<{ report: string; calibrated: boolean }> => {
  const pinned = takeLoadCore();
  const { request, raw, fastify, baseline, service } = await startServers(traced, pinned);
  const inFastify: Sample[] = [];
  const measured: Measured = { raw: [], fastify: inFastify, baseline: traced ? [] : inFastify, service: [] };
  const servers: [string, MeasuredServer, Sample[]][] = [
    ['raw', raw, measured.raw],
    ['fastify', fastify, measured.fastify],
    ...(traced ? [['traced fastify', baseline, measured.baseline] as [string, MeasuredServer, Sample[]]] : []),
    ['service', service, measured.service],
  ];
  for (const [name, server] of servers) {
    print(`warming up ${name} …`);
    await measure(server, request, seconds);
  }
  for (let round = 1; round <= rounds; round += 1) {
    for (const [name, server, samples] of servers) {
      const sample = await measure(server, request, seconds);
      samples.push(sample);
      const { requestsPerSecond, cpuPerRequest } = sample;
      print(
        `round ${round} ${name}: ${requestsPerSecond.toFixed(0)} req/s, ${cpuPerRequest.toFixed(1)} µs CPU per request`,
      );
    }
  }
  const bodyBytes = Buffer.byteLength(request.body);
  return {
    report: writeReport(measured, { rounds, seconds, traced, pinned, bodyBytes }),
    calibrated: isCalibrated(measured),
  };
};

const { values } = parseArgs({ options: FLAGS });
if (values.help) {
  print(USAGE);
} else {
  process.once('SIGINT', () => process.exit(130)); // the child processes exit with this process
  try {
    const [rounds, seconds] = [positive('rounds', values.rounds), positive('seconds', values.seconds)];
    const { report, calibrated } = await run({ rounds, seconds, traced: values.traced });
    print(`\n${report}`);
    if (values.write && calibrated)
      await writeFile(join(import.meta.dirname, values.traced ? 'report-traced.md' : 'report.md'), report);
    process.exitCode = calibrated ? 0 : 1;
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}
