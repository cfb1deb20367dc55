// Publishes dead letters to their original topic again: those between the end of the last redrive and the end of the topic when it starts, so that a
// message that fails again is not redriven for ever. Offsets are committed after the acknowledgement: a crash may publish the last messages twice but
// loses none, and consumers detect duplicates with their inbox. A discarded dead letter is only passed over: it stays in the topic until it expires.

import { MessagingError } from '../messaging/messaging-error.ts';
import type { Publisher } from '../messaging/publisher.ts';
import type { IncomingMessage, Subscriber } from '../messaging/subscriber.ts';
import { makeBacklogReader } from './backlog.ts';
import { deadLetterTopic, originalMessage, readDeadLetter, unchangedMessage, type DeadLetter } from './dead-letter.ts';

type Deps = {
  /** Of a consumer group that nothing else uses; closed at the end. */
  readonly subscriber: Pick<Subscriber, 'positions' | 'start' | 'close'>;
  readonly publisher: Pick<Publisher, 'publish'>;
  /** Maximum time until the next dead letter. */
  readonly idleMs: number;
};

/**
 * What was done with a dead letter, or would be. `kept`: it has another error than requested and was moved to the end of the dead-letter topic.
 * `left`: it can't be redriven, because its value was dropped or it is not a dead letter of this topic; it stays and is not read again.
 * `discarded`: an operator decided that it needs no effect; it stays and is not read again.
 */
export type Outcome = 'redriven' | 'discarded' | 'kept' | 'left';

/** `waiting`: dead letters at the start; the others count the outcomes. */
export type RedriveReport = Readonly<Record<'waiting' | Outcome, number>>;

export type RedriveOptions = {
  /** The original topic, without `.dlq`. */
  readonly topic: string;
  /** Reports what would be done and moves nothing. */
  readonly dryRun: boolean;
  /** Only dead letters with this error code or class. */
  readonly error?: string | undefined;
  /** Discards those that would be redriven, and publishes none. */
  readonly discard: boolean;
  /** Maximum number to redrive or discard. */
  readonly limit?: number | undefined;
  /** Ends the redrive between two messages. */
  readonly signal: AbortSignal;
  readonly onDeadLetter: (deadLetter: DeadLetter, outcome: Outcome, report: RedriveReport) => void;
};

const chooseOutcome = ({ topic, error, whole }: DeadLetter, wanted: RedriveOptions): Outcome => {
  if (wanted.error !== undefined && error !== wanted.error) return 'kept';
  if (wanted.discard) return 'discarded';
  return whole && topic === wanted.topic ? 'redriven' : 'left';
};

const count = (report: RedriveReport, outcome: Outcome): RedriveReport => ({
  waiting: report.waiting,
  redriven: report.redriven + Number(outcome === 'redriven'),
  discarded: report.discarded + Number(outcome === 'discarded'),
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
      if (error instanceof MessagingError && !error.isTransient) return 'left';
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
    let report: RedriveReport = { waiting: 0, redriven: 0, discarded: 0, kept: 0, left: 0 };

    const take = async (message: IncomingMessage): Promise<boolean> => {
      const deadLetter = readDeadLetter(message);
      const chosen = chooseOutcome(deadLetter, options);
      const outcome = dryRun ? chosen : await move(message, chosen, topic);
      report = count(report, outcome);
      onDeadLetter(deadLetter, outcome, report);
      return report.redriven + report.discarded < limit;
    };

    try {
      const backlog = await backlogs.find(deadLetterTopic(topic));
      report = { ...report, waiting: backlog.waiting };
      if (backlog.waiting > 0 && !signal.aborted) await backlogs.read({ backlog, commits: !dryRun, signal, take });
    } finally {
      await subscriber.close(); // the current message is counted and committed before the report is returned
    }
    return report;
  };
};
