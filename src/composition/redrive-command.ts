// The command line of `npm run redrive`: its options, its progress display and its summary.

import { deadLetterTopic, type DeadLetter } from '../consumers/dead-letter.ts';
import type { Outcome, RedriveReport } from '../consumers/redrive.ts';
import { parseOptions, rejectArgument, UsageError } from './command-line.ts';

export const HELP = `Publishes dead letters to their original topic again. docs/dead-letters.md says when to do that.

  npm run redrive -- --topic user-service.orders.v1 [options]
  npm run redrive -- --outbox

  --topic <name>  the original topic, without .dlq
  --dry-run       list the dead letters that would be redriven, move nothing
  --limit <n>     redrive at most n dead letters; the next run continues after them
  --error <code>  redrive only dead letters with this error, e.g. EVENT_FORBIDDEN; keep the others
  --discard       with --error: redrive none of them; they expire with their topic, and no later run reads them
  --outbox        let the relay retry the events that it has parked in the outbox
  --help          print this text

Ctrl-C stops after the current dead letter; the next run continues from there.
Exit codes: 0 success, 1 failure, 64 wrong usage, 78 invalid configuration, 130 stopped by Ctrl-C.`;

export type DeadLettersCommand = {
  readonly kind: 'dead-letters';
  readonly topic: string;
  readonly dryRun: boolean;
  readonly limit: number | undefined;
  readonly error: string | undefined;
  readonly discard: boolean;
};
type RedriveCommand = DeadLettersCommand | { readonly kind: 'outbox' };

const OPTIONS = {
  topic: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  limit: { type: 'string' },
  error: { type: 'string' },
  discard: { type: 'boolean', default: false },
  outbox: { type: 'boolean', default: false },
} as const;

const readLimit = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new UsageError(`invalid value "${text}" for --limit: it takes a positive integer`);
  return Number(text);
};

/** @throws UsageError */
export const readRedriveCommand = (args: readonly string[]): RedriveCommand => {
  const { values, positionals } = parseOptions(args, OPTIONS);
  rejectArgument(positionals[0]);
  const { topic, limit, error, discard, outbox, 'dry-run': dryRun } = values;
  if (outbox) {
    if (args.length > 1) throw new UsageError('--outbox takes no other option');
    return { kind: 'outbox' };
  }
  if (!topic) throw new UsageError('missing option --topic');
  if (topic.endsWith('.dlq')) throw new UsageError('--topic takes the original topic, without .dlq');
  if (discard && !error) throw new UsageError('--discard needs --error: which dead letters need no effect');
  return { kind: 'dead-letters', topic, dryRun, limit: readLimit(limit), error, discard };
};

type Screen = {
  /** A terminal gets a progress bar, anything else a line per 10 %. */
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
};

const BAR = 30;
const CLEAR_LINE = '\r\u001B[2K';
const LABELS = new Map<Outcome, string>([
  ['redriven', 'would redrive'],
  ['discarded', 'would discard'],
  ['kept', 'would keep   '],
  ['left', 'would leave  '],
]);

const describeDeadLetter = ({ topic, partition, offset, error, traceId }: DeadLetter): string =>
  `${topic} partition ${partition} offset ${offset}  ${error}  trace ${traceId}`;

const doneOf = ({ redriven, discarded, kept, left }: RedriveReport): number => redriven + discarded + kept + left;

const drawBar = (report: RedriveReport): string => {
  const filled = Math.floor((BAR * doneOf(report)) / report.waiting);
  return `[${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}] ${doneOf(report)} of ${report.waiting}`;
};

const isTenth = (report: RedriveReport): boolean => {
  const tenthAt = (done: number): number => Math.floor((10 * done) / report.waiting);
  return tenthAt(doneOf(report)) > tenthAt(doneOf(report) - 1);
};

/** Prints the progress, each dead letter of a dry run, and each that is left. Never prints a key or a value. */
export const makeProgress = ({ isTerminal, write }: Screen, { dryRun }: Pick<DeadLettersCommand, 'dryRun'>) => ({
  onDeadLetter: (deadLetter: DeadLetter, outcome: Outcome, report: RedriveReport): void => {
    const clear = isTerminal ? CLEAR_LINE : '';
    if (dryRun) write(`${LABELS.get(outcome) ?? ''}  ${describeDeadLetter(deadLetter)}\n`);
    else if (outcome === 'left') write(`${clear}left  ${describeDeadLetter(deadLetter)}\n`);
    if (isTerminal && !dryRun) write(`${CLEAR_LINE}${drawBar(report)}`);
    else if (!dryRun && isTenth(report)) write(`${doneOf(report)} of ${report.waiting}\n`);
  },
  /** Clears the progress bar. */
  end: (): void => {
    if (isTerminal && !dryRun) write(CLEAR_LINE);
  },
});

/** The last line, e.g. "100 of 100 redriven". */
export const summarize = (report: RedriveReport, { topic, dryRun, discard }: DeadLettersCommand): string => {
  const { waiting, redriven, discarded, kept, left } = report;
  if (waiting === 0) return `no dead letters waiting in ${deadLetterTopic(topic)}`;
  const remaining = waiting - doneOf(report);
  return [
    `${redriven + discarded} of ${waiting} ${dryRun ? 'would be ' : ''}${discard ? 'discarded' : 'redriven'}`,
    ...(kept > 0 ? [`${kept} kept because they have another error`] : []),
    ...(left > 0 ? [`${left} left because their value was not kept or they are of another topic`] : []),
    ...(remaining > 0 ? [`${remaining} remaining`] : []),
    ...(dryRun ? ['nothing was moved'] : []),
  ].join(', ');
};
