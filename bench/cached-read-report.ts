import { cpus } from 'node:os';
import { CONNECTIONS, type Sample } from './measure.ts';
import { format, ratios, summarize } from './statistics.ts';

export type Measured = { readonly raw: Sample[]; readonly fastify: Sample[]; readonly service: Sample[] };
type Conditions = {
  readonly rounds: number;
  readonly seconds: number;
  readonly pinned: boolean;
  readonly bodyBytes: number;
};

/** Bare Fastify against node:http. Outside of it the machine was busy with something else, and the run says nothing. */
const CALIBRATOR = { least: 0.9, most: 1.02 };
const TARGET = { least: 0.75, stretch: 0.9 };

const rate = (samples: readonly Sample[]): number[] => samples.map((sample) => sample.requestsPerSecond);
const cpu = (samples: readonly Sample[]): number[] => samples.map((sample) => sample.cpuPerRequest);

const row = (name: string, samples: readonly Sample[]): string => {
  const p99 = summarize(samples.map((sample) => sample.p99Ms));
  return `| ${name} | ${format(summarize(rate(samples)), 0)} | ${format(summarize(cpu(samples)), 1)} | ${format(p99, 0)} |`;
};

const judge = (ratio: number): string => {
  if (ratio >= TARGET.stretch) return 'reaches the stretch target';
  return ratio >= TARGET.least ? 'reaches the target' : 'misses the target';
};

export const isCalibrated = ({ raw, fastify }: Measured): boolean => {
  const { median } = ratios(rate(fastify), rate(raw));
  return median >= CALIBRATOR.least && median <= CALIBRATOR.most;
};

/** Markdown that also reads well in a terminal. */
export const writeReport = (measured: Measured, conditions: Conditions): string => {
  const { raw, fastify, service } = measured;
  const { rounds, seconds, pinned, bodyBytes } = conditions;
  const read = ratios(rate(service), rate(fastify));
  const calibrated = isCalibrated(measured);
  const verdict = calibrated
    ? `P1: ${judge(read.median)} (≥ ${TARGET.least}, stretch ${TARGET.stretch}).`
    : '**VOID**: the calibrator is out of its range, so no figure of this run counts.';
  const where = pinned ? 'server and load each on a core of their own' : 'not pinned to cores';
  return `# Cached read

\`GET /api/v1/users/{id}\`, ${bodyBytes} bytes, ${CONNECTIONS} connections without pipelining, ${rounds} rounds of ${seconds} s each,
servers in turn within a round; Node ${process.version}, ${cpus().length} cores, ${where}. Median (least–most).

| server | requests/s | server CPU µs/request | p99 ms |
| --- | --- | --- | --- |
${row('raw node:http', raw)}
${row('bare Fastify', fastify)}
${row('user-service, from Redis', service)}

| ratio, round by round | requests/s | CPU |
| --- | --- | --- |
| calibrator: Fastify ÷ raw (${CALIBRATOR.least}–${CALIBRATOR.most}) | ${format(ratios(rate(fastify), rate(raw)), 2)} | ${format(ratios(cpu(fastify), cpu(raw)), 2)} |
| service ÷ Fastify | ${format(read, 2)} | ${format(ratios(cpu(service), cpu(fastify)), 2)} |

${verdict}
`;
};
