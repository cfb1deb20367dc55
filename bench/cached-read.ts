// P1 of the performance goals: what the cached read costs with everything switched on. bench/README.md says how to read it.

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

  --rounds N    measured rounds, at least 7 for a figure worth keeping (default 7)
  --seconds S   load per server and round (default 4)
  --write       keep the result in bench/report.md
  --help`;

const FLAGS = {
  rounds: { type: 'string', default: '7' },
  seconds: { type: 'string', default: '4' },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const positive = (name: string, text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} must be a whole number from 1`);
  return value;
};
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Everything that was started, to be stopped in reverse order. */
const stops: (() => Promise<void>)[] = [];
const opened = <T extends { readonly stop: () => Promise<void> }>(part: T): T => {
  stops.push(part.stop);
  return part;
};

const run = async (rounds: number, seconds: number): Promise<{ report: string; calibrated: boolean }> => {
  const pinned = takeLoadCore();
  say('starting PostgreSQL, Redis and the service …');
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
    say(`warming ${name} up …`);
    await measure(server, request, seconds);
  }
  for (let round = 1; round <= rounds; round += 1) {
    for (const [name, server, samples] of servers) {
      const sample = await measure(server, request, seconds);
      samples.push(sample);
      const { requestsPerSecond, cpuPerRequest } = sample;
      say(
        `round ${round} ${name}: ${requestsPerSecond.toFixed(0)} req/s, ${cpuPerRequest.toFixed(1)} µs CPU per request`,
      );
    }
  }
  const bodyBytes = Buffer.byteLength(request.body);
  return { report: writeReport(measured, { rounds, seconds, pinned, bodyBytes }), calibrated: isCalibrated(measured) };
};

const { values } = parseArgs({ options: FLAGS });
if (values.help) {
  say(USAGE);
} else {
  process.once('SIGINT', () => process.exit(130)); // what was started ends with this process
  try {
    const { report, calibrated } = await run(positive('rounds', values.rounds), positive('seconds', values.seconds));
    say(`\n${report}`);
    if (values.write && calibrated) await writeFile(join(import.meta.dirname, 'report.md'), report);
    process.exitCode = calibrated ? 0 : 1;
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}
