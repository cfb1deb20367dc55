import { cpus } from 'node:os';
import { CONNECTIONS, type Sample } from './measure.ts';
import { format, ratios, summarize } from './statistics.ts';

export type Measured = {
  readonly raw: Sample[];
  readonly fastify: Sample[];
  /** What the service is compared with: `fastify`, or the same route with a tracer. */
  readonly baseline: Sample[];
  readonly service: Sample[];
};
type Conditions = {
  readonly rounds: number;
  readonly seconds: number;
  readonly traced: boolean;
  readonly pinned: boolean;
  readonly bodyBytes: number;
};

/** Ratio of bare Fastify to node:http. Outside this range the machine was busy with other work, and the run is void. */
const CALIBRATION_RANGE = { least: 0.9, most: 1.02 };
const TARGETS = {
  untraced: { goal: 'P1', least: 0.75, stretch: 0.85 },
  traced: { goal: 'P2', least: 0.9, stretch: 1.05 },
};

const rate = (samples: readonly Sample[]): number[] => samples.map((sample) => sample.requestsPerSecond);
const cpu = (samples: readonly Sample[]): number[] => samples.map((sample) => sample.cpuPerRequest);

const row = (name: string, samples: readonly Sample[]): string => {
  const p99 = summarize(samples.map((sample) => sample.p99Ms));
  return `| ${name} | ${format(summarize(rate(samples)), 0)} | ${format(summarize(cpu(samples)), 1)} | ${format(p99, 0)} |`;
};

const compareWithTarget = (ratio: number, traced: boolean): string => {
  const { goal, least, stretch } = traced ? TARGETS.traced : TARGETS.untraced;
  const target = `(target ≥ ${least}, stretch target ≥ ${stretch}).`;
  if (ratio >= stretch) return `${goal}: meets the stretch target ${target}`;
  return `${goal}: ${ratio >= least ? 'meets' : 'misses'} the target ${target}`;
};

export const isCalibrated = ({ raw, fastify }: Measured): boolean => {
  const { median } = ratios(rate(fastify), rate(raw));
  return median >= CALIBRATION_RANGE.least && median <= CALIBRATION_RANGE.most;
};

/** The report in Markdown. */
export const writeReport = (measured: Measured, conditions: Conditions): string => {
  const { raw, fastify, baseline, service } = measured;
  const { rounds, seconds, traced, pinned, bodyBytes } = conditions;
  // of CPU time: what a request costs, whatever else the machine does
  const read = ratios(cpu(baseline), cpu(service));
  const calibrated = isCalibrated(measured);
  const verdict = calibrated
    ? compareWithTarget(read.median, traced)
    : '**VOID**: the calibration ratio is out of range, so the figures of this run are not valid.';
  const where = pinned ? 'server and load generator pinned to separate cores' : 'not pinned to cores';
  return `# Cached read

\`GET /api/v1/users/{id}\`, ${bodyBytes} bytes, ${CONNECTIONS} connections without pipelining, ${rounds} rounds of ${seconds} s each,
the servers take turns within each round; Node ${process.version}, ${cpus().length} cores, ${where}. Median (min–max).

| server | requests/s | server CPU µs/request | p99 ms |
| --- | --- | --- | --- |
${row('raw node:http', raw)}
${row('bare Fastify', fastify)}
${traced ? `${row('bare Fastify with dd-trace', baseline)}\n` : ''}${row('user-service, from Redis', service)}

| ratio, round by round | requests/s | CPU, inverse |
| --- | --- | --- |
| calibration: Fastify ÷ raw (${CALIBRATION_RANGE.least}–${CALIBRATION_RANGE.most}) | ${format(ratios(rate(fastify), rate(raw)), 2)} | ${format(ratios(cpu(raw), cpu(fastify)), 2)} |
| service ÷ Fastify${traced ? ', both traced' : ''} | ${format(ratios(rate(service), rate(baseline)), 2)} | ${format(read, 2)} |

${verdict}
`;
};
