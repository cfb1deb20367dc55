// From a message to its effect, and every way that this can end: done, skipped, or set aside as a dead letter. An outage is none of them: it
// is waited for, and the messages behind wait too.

import { setTimeout as pause } from 'node:timers/promises';

import { NotificationError } from './errors.ts';
import type { DecodeEvent } from './event-decoder.ts';
import { toConsumedEvent } from './events.ts';
import type { Facts } from './facts.ts';
import type { Notify, Outcome } from './notify.ts';

export type Headers = Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;

export type Message = {
  readonly topic: string;
  readonly partition: number;
  /** A 64-bit number as text. */
  readonly offset: string;
  readonly key: Buffer | null;
  /** Null is a tombstone. */
  readonly value: Buffer | null;
  readonly headers: Headers;
};

/** A message as it came, with headers that say where from and why it is here. */
export type DeadLetter = Pick<Message, 'key' | 'value' | 'headers'>;

type Deps = {
  readonly decode: DecodeEvent;
  readonly notify: Notify;
  /** Resolves when the letter was acknowledged. */
  readonly setAside: (letter: DeadLetter) => Promise<void>;
  /** How often a message is tried whose handling fails in a way that nobody foresaw, at least 1. */
  readonly attempts: number;
  /** Wait before the second try; doubled up to `lastRetryMs`. Well below the session timeout of the group. */
  readonly firstRetryMs: number;
  readonly lastRetryMs: number;
  readonly facts: Facts;
  /** Ends a waiting: the process is closing. */
  readonly signal: AbortSignal;
};

/** A code of ours or the name of a class, never the message of an error: that may quote a value. */
const classOf = (error: unknown): string => {
  if (error instanceof NotificationError) return error.code;
  return error instanceof Error ? error.constructor.name : 'Unknown';
};

const toLetter = ({ key, value, ...message }: Message, err: unknown, attempts: number): DeadLetter => ({
  key,
  value,
  headers: {
    ...message.headers,
    'dlq-topic': message.topic,
    'dlq-partition': String(message.partition),
    'dlq-offset': message.offset,
    'dlq-consumer': 'notification-service',
    'dlq-error': classOf(err),
    'dlq-attempts': String(attempts),
  },
});

export const makeConsume = ({ decode, notify, setAside, attempts, facts, signal, ...waits }: Deps) => {
  const work = async (value: Buffer | null): Promise<Outcome | 'skipped'> => {
    const event = value === null ? undefined : toConsumedEvent(await decode(value));
    return event === undefined ? 'skipped' : notify(event);
  };

  const waitMs = (tries: number): number => Math.min(waits.firstRetryMs * 2 ** (tries - 1), waits.lastRetryMs);

  /**
   * Resolves when the offset may move: the effect is there, or the letter is.
   * @param heartbeat tells the group between two tries that this member is alive; it rejects when the partition is not ours any more
   * @throws what `setAside` and `heartbeat` throw, and an AbortError: the same message comes again
   */
  return async (message: Message, heartbeat: () => Promise<void>): Promise<void> => {
    const { topic, partition, offset, value } = message;
    for (let tries = 1, failures = 0; ; tries += 1) {
      try {
        facts.handled({ topic, result: await work(value) });
        return;
      } catch (err) {
        const foreseen = err instanceof NotificationError;
        if (!(foreseen && err.passes)) failures = foreseen ? attempts : failures + 1;
        if (failures >= attempts) {
          await setAside(toLetter(message, err, tries));
          facts.deadLettered({ topic, partition, offset, errorClass: classOf(err), err });
          return;
        }
        const retryInMs = waitMs(tries);
        facts.retrying({ topic, partition, offset, err, retryInMs });
        await pause(retryInMs, undefined, { signal });
        await heartbeat();
      }
    }
  };
};

export type Consume = ReturnType<typeof makeConsume>;
