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

/** Ratio of bare Fastify to node:http. Outside this range the machine was busy with other work, and the run is void. */
const CALIBRATION_RANGE = { least: 0.9, most: 1.02 };
const TARGET = { least: 0.75, stretch: 0.9 };

const rate = (samples: readonly Sample[]): number[] => samples.map((sample) => sample.requestsPerSecond);
const cpu = (samples: readonly Sample[]): number[] => samples.map((sample) => sample.cpuPerRequest);

const row = (name: string, samples: readonly Sample[]): string => {
  const p99 = summarize(samples.map((sample) => sample.p99Ms));
  return `| ${name} | ${format(summarize(rate(samples)), 0)} | ${format(summarize(cpu(samples)), 1)} | ${format(p99, 0)} |`;
};

const compareWithTarget = (ratio: number): string => {
  if (ratio >= TARGET.stretch) return 'meets the stretch target';
  return ratio >= TARGET.least ? 'meets the target' : 'misses the target';
};

export const isCalibrated = ({ raw, fastify }: Measured): boolean => {
  const { median } = ratios(rate(fastify), rate(raw));
  return median >= CALIBRATION_RANGE.least && median <= CALIBRATION_RANGE.most;
};

/** The report in Markdown. */
export const writeReport = (measured: Measured, conditions: Conditions): string => {
  const { raw, fastify, service } = measured;
  const { rounds, seconds, pinned, bodyBytes } = conditions;
  const read = ratios(rate(service), rate(fastify));
  const calibrated = isCalibrated(measured);
  const verdict = calibrated
    ? `P1: ${compareWithTarget(read.median)} (target ≥ ${TARGET.least}, stretch target ≥ ${TARGET.stretch}).`
    : '**VOID**: the calibration ratio is out of range, so the figures of this run are not valid.';
  const where = pinned ? 'server and load generator pinned to separate cores' : 'not pinned to cores';
  return `# Cached read

\`GET /api/v1/users/{id}\`, ${bodyBytes} bytes, ${CONNECTIONS} connections without pipelining, ${rounds} rounds of ${seconds} s each,
the servers take turns within each round; Node ${process.version}, ${cpus().length} cores, ${where}. Median (min–max).

| server | requests/s | server CPU µs/request | p99 ms |
| --- | --- | --- | --- |
${row('raw node:http', raw)}
${row('bare Fastify', fastify)}
${row('user-service, from Redis', service)}

| ratio, round by round | requests/s | CPU |
| --- | --- | --- |
| calibration: Fastify ÷ raw (${CALIBRATION_RANGE.least}–${CALIBRATION_RANGE.most}) | ${format(ratios(rate(fastify), rate(raw)), 2)} | ${format(ratios(cpu(fastify), cpu(raw)), 2)} |
| service ÷ Fastify | ${format(read, 2)} | ${format(ratios(cpu(service), cpu(fastify)), 2)} |

${verdict}
`;
};
