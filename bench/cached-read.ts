// Performance goal P1: throughput and CPU cost of the cached read with all features enabled. bench/README.md explains the report.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isCalibrated, writeReport, type Measured } from './cached-read-report.ts';
import { takeLoadCore } from './cores.ts';
import { startDependencies } from './dependencies.ts';
import { measure, type Sample } from './measure.ts';
import { startServer, type MeasuredServer } from './measured-server.ts';
import { makeReadRequest } from './read-request.ts';

const USAGE = `node bench/cached-read.ts [options]

  --rounds N    number of measured rounds; use at least 7 for a result to keep (default: 7)
  --seconds S   duration of the load per server and round, in seconds (default: 4)
  --write       write the report to bench/report.md
  --help        print this help`;

const FLAGS = {
  rounds: { type: 'string', default: '7' },
  seconds: { type: 'string', default: '4' },
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

const run = async (rounds: number, seconds: number): Promise<{ report: string; calibrated: boolean }> => {
  const pinned = takeLoadCore();
  print('starting PostgreSQL, Redis and the service …');
  const { env, port } = opened(await startDependencies());
  const service = opened(await startServer({ file: 'service.ts', argument: `${port}`, env, pinned }));
  const request = await makeReadRequest(service.url);
  const bare = { argument: request.body, pinned };
  const raw = opened(await startServer({ ...bare, file: 'raw.ts' }));
  const fastify = opened(await startServer({ ...bare, file: 'bare-fastify.ts' }));

  const measured: Measured = { raw: [], fastify: [], service: [] };
  const servers: [string, MeasuredServer, Sample[]][] = [
    ['raw', raw, measured.raw],
    ['fastify', fastify, measured.fastify],
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
  return { report: writeReport(measured, { rounds, seconds, pinned, bodyBytes }), calibrated: isCalibrated(measured) };
};

const { values } = parseArgs({ options: FLAGS });
if (values.help) {
  print(USAGE);
} else {
  process.once('SIGINT', () => process.exit(130)); // the child processes exit with this process
  try {
    const { report, calibrated } = await run(positive('rounds', values.rounds), positive('seconds', values.seconds));
    print(`\n${report}`);
    if (values.write && calibrated) await writeFile(join(import.meta.dirname, 'report.md'), report);
    process.exitCode = calibrated ? 0 : 1;
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}
