// Brings dead letters back to the topic they came from: from where the last redrive stopped up to what is there when it begins, so that a
// letter that dies again is not brought back for ever. Offsets move only after the acknowledgement: a crash may send the last letters twice,
// never lose one, and consumers have an inbox for that.

import { MessagingError } from '../messaging/messaging-error.ts';
import type { Publisher } from '../messaging/publisher.ts';
import { makeBacklogReader } from './backlog.ts';
import { deadLetterTopic } from './publish-dead-letter.ts';
import { unchangedMessage, originalMessage, readDeadLetter, type DeadLetter } from './dead-letter.ts';
import type { IncomingMessage, Subscriber } from '../messaging/subscriber.ts';

type Deps = {
  /** Of a group that is only for this; closed in the end. */
  readonly subscriber: Pick<Subscriber, 'positions' | 'start' | 'close'>;
  readonly publisher: Pick<Publisher, 'publish'>;
  /** Longest wait for the next letter. */
  readonly idleMs: number;
};

/**
 * What was done with a letter, or would be. `kept`: another error was asked for, so it went to the end of the dead-letter topic again. `left`:
 * it can't go back, because its bytes were too large to keep or it is no letter of this topic; it stays where it is and is not read again.
 */
export type Outcome = 'redriven' | 'kept' | 'left';

/** `waiting`: letters that were there when it began; the others count what was done with them. */
export type RedriveReport = Readonly<Record<'waiting' | Outcome, number>>;

export type RedriveOptions = {
  /** The origin, without `.dlq`. */
  readonly topic: string;
  /** Tells what would be done and moves nothing. */
  readonly dryRun: boolean;
  /** Only letters with this code or class. */
  readonly error?: string | undefined;
  /** At most so many are redriven. */
  readonly limit?: number | undefined;
  /** Ends it between two letters. */
  readonly signal: AbortSignal;
  readonly onDeadLetter: (letter: DeadLetter, outcome: Outcome, report: RedriveReport) => void;
};

const chooseOutcome = ({ topic, error, whole }: DeadLetter, wanted: RedriveOptions): Outcome => {
  if (wanted.error !== undefined && error !== wanted.error) return 'kept';
  return whole && topic === wanted.topic ? 'redriven' : 'left';
};

const count = (report: RedriveReport, outcome: Outcome): RedriveReport => ({
  waiting: report.waiting,
  redriven: report.redriven + Number(outcome === 'redriven'),
  kept: report.kept + Number(outcome === 'kept'),
  left: report.left + Number(outcome === 'left'),
});

export const makeRedrive = ({ subscriber, publisher, idleMs }: Deps) => {
  const backlogs = makeBacklogReader({ subscriber, idleMs });

  const redriveOne = async (message: IncomingMessage, topic: string): Promise<Outcome> => {
    try {
      await publisher.publish(topic, [originalMessage(message)]);
      return 'redriven';
    } catch (error) {
      if (error instanceof MessagingError && !error.passes) return 'left';
      throw error;
    }
  };

  const move = async (message: IncomingMessage, outcome: Outcome, topic: string): Promise<Outcome> => {
    if (outcome === 'redriven') return redriveOne(message, topic);
    if (outcome === 'kept') await publisher.publish(deadLetterTopic(topic), [unchangedMessage(message)]);
    return outcome;
  };

  /**
   * @throws BacklogError
   * @throws MessagingError BROKER_UNAVAILABLE
   */
  return async (options: RedriveOptions): Promise<RedriveReport> => {
    const { topic, dryRun, limit = Infinity, signal, onDeadLetter } = options;
    let report: RedriveReport = { waiting: 0, redriven: 0, kept: 0, left: 0 };

    const take = async (message: IncomingMessage): Promise<boolean> => {
      const letter = readDeadLetter(message);
      const chosen = chooseOutcome(letter, options);
      const outcome = dryRun ? chosen : await move(message, chosen, topic);
      report = count(report, outcome);
      onDeadLetter(letter, outcome, report);
      return report.redriven < limit;
    };

    try {
      const backlog = await backlogs.find(deadLetterTopic(topic));
      report = { ...report, waiting: backlog.waiting };
      if (backlog.waiting > 0 && !signal.aborted) await backlogs.read({ backlog, commits: !dryRun, signal, take });
    } finally {
      await subscriber.close(); // the letter under way is counted and committed before anybody reads the report
    }
    return report;
  };
};

export type Redrive = ReturnType<typeof makeRedrive>;
