// What the command line of `npm run redrive` means, and what a person reads while it runs.

import { parseArgs } from 'node:util';

import { deadLetterTopic } from '../consumers/publish-dead-letter.ts';
import type { DeadLetter } from '../consumers/dead-letter.ts';
import type { Outcome, RedriveReport } from '../consumers/redrive.ts';

export const HELP = `Brings dead letters back to the topic they came from; docs/dead-letters.md says when to do that.

  npm run redrive -- --topic user-service.orders.v1 [options]
  npm run redrive -- --outbox

  --topic <name>  the topic that the messages came from, without .dlq
  --dry-run       list what would be redriven, and move nothing
  --limit <n>     redrive at most n letters; the others wait for the next time
  --error <code>  only letters with this error, e.g. EVENT_FORBIDDEN; the others are kept
  --outbox        let the relay try again what it has parked in the outbox
  --help          this text

Ctrl-C ends it between two letters; the next time it goes on from there.
Exit codes: 0 done, 1 failed, 64 wrong usage, 78 wrong configuration, 130 ended by Ctrl-C.`;

export class UsageError extends Error {}

export type LettersCommand = {
  readonly kind: 'letters';
  readonly topic: string;
  readonly dryRun: boolean;
  readonly limit: number | undefined;
  readonly error: string | undefined;
};
export type RedriveCommand = LettersCommand | { readonly kind: 'outbox' } | { readonly kind: 'help' };

const OPTIONS = {
  topic: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  limit: { type: 'string' },
  error: { type: 'string' },
  outbox: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
};

const readLimit = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`"${text}" is not a number of letters.`);
  return Number(text);
};

/** @throws UsageError */
export const readRedriveCommand = (args: readonly string[]): RedriveCommand => {
  const { topic, limit, error, outbox, help, 'dry-run': dryRun } = parse(args);
  if (help) return { kind: 'help' };
  if (outbox) {
    if (args.length > 1) throw new UsageError('--outbox stands alone.');
    return { kind: 'outbox' };
  }
  if (!topic) throw new UsageError('--topic is missing.');
  if (topic.endsWith('.dlq')) throw new UsageError('--topic is the origin: leave .dlq away.');
  return { kind: 'letters', topic, dryRun, limit: readLimit(limit), error };
};

type Screen = {
  /** A terminal gets a bar that is drawn again and again, everything else a line per tenth. */
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
};

const BAR = 30;
const CLEAR_LINE = '\r\u001B[2K';
const LABELS = new Map<Outcome, string>([
  ['redriven', 'would redrive'],
  ['kept', 'would keep   '],
  ['left', 'would leave  '],
]);

const describeLetter = ({ topic, partition, offset, error, traceId }: DeadLetter): string =>
  `${topic} partition ${partition} offset ${offset}  ${error}  trace ${traceId}`;

const doneOf = ({ redriven, kept, left }: RedriveReport): number => redriven + kept + left;

const drawBar = (report: RedriveReport): string => {
  const filled = Math.floor((BAR * doneOf(report)) / report.waiting);
  return `[${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}] ${doneOf(report)} of ${report.waiting}`;
};

const isTenth = (report: RedriveReport): boolean => {
  const tenthAt = (done: number): number => Math.floor((10 * done) / report.waiting);
  return tenthAt(doneOf(report)) > tenthAt(doneOf(report) - 1);
};

/** Tells each letter in a dry run, each that is left, and how far it is. Never a key or a value. */
export const makeProgress = ({ isTerminal, write }: Screen, { dryRun }: Pick<LettersCommand, 'dryRun'>) => ({
  onDeadLetter: (letter: DeadLetter, outcome: Outcome, report: RedriveReport): void => {
    const clear = isTerminal ? CLEAR_LINE : '';
    if (dryRun) write(`${LABELS.get(outcome) ?? ''}  ${describeLetter(letter)}\n`);
    else if (outcome === 'left') write(`${clear}left  ${describeLetter(letter)}\n`);
    if (isTerminal && !dryRun) write(`${CLEAR_LINE}${drawBar(report)}`);
    else if (!dryRun && isTenth(report)) write(`${doneOf(report)} of ${report.waiting}\n`);
  },
  /** Ends the bar's line. */
  end: (): void => {
    if (isTerminal && !dryRun) write(CLEAR_LINE);
  },
});

/** The last line: "100 of 100 redriven". */
export const summarize = (report: RedriveReport, { topic, dryRun }: LettersCommand): string => {
  const { waiting, redriven, kept, left } = report;
  if (waiting === 0) return `no dead letters wait in ${deadLetterTopic(topic)}`;
  const still = waiting - doneOf(report);
  return [
    `${redriven} of ${waiting} ${dryRun ? 'would be redriven' : 'redriven'}`,
    ...(kept > 0 ? [`${kept} kept: another error`] : []),
    ...(left > 0 ? [`${left} left: bytes too large to keep, or no letter of this topic`] : []),
    ...(still > 0 ? [`${still} still to come`] : []),
    ...(dryRun ? ['nothing was moved'] : []),
  ].join(', ');
};
