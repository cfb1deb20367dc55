// Processes one message. It ends in one of three ways: handled, skipped, or published as a dead letter. During an outage of a dependency the
// message is retried without limit, and the messages behind it wait.

import { setTimeout as pause } from 'node:timers/promises';

import { NotificationError } from './errors.ts';
import type { DecodeEvent } from './event-decoder.ts';
import { toConsumedEvent } from './events.ts';
import type { Notify, Outcome } from './notify.ts';
import type { Telemetry } from './telemetry.ts';

type HeaderValue = Buffer | string | null;

/** As kafkajs reads them. A value may be null. */
export type Headers = Readonly<Record<string, HeaderValue | HeaderValue[] | undefined>>;

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

/** The original message with added headers: its origin and the reason for the failure. */
export type DeadLetter = Pick<Message, 'key' | 'value'> & {
  readonly headers: Readonly<Record<string, (Buffer | string)[]>>;
};

type Deps = {
  readonly decode: DecodeEvent;
  readonly notify: Notify;
  /** Resolves when the broker has acknowledged the dead letter. */
  readonly publishDeadLetter: (deadLetter: DeadLetter) => Promise<void>;
  /** Maximum number of attempts for a message that fails with an unexpected error; at least 1. */
  readonly attempts: number;
  /** Delay before the second attempt; doubles up to `lastRetryMs`, which must be well below the session timeout of the group. */
  readonly firstRetryMs: number;
  readonly lastRetryMs: number;
  readonly telemetry: Telemetry;
};

/** The code of a NotificationError or the class name of another error; never a message, which may quote a value. */
const errorClassOf = (error: unknown): string => {
  if (error instanceof NotificationError) return error.code;
  return error instanceof Error ? error.constructor.name : 'Unknown';
};

/**
 * What kafkajs can write: null becomes empty, and what it adds to a header named like a method of an object (`toString`) is dropped. A header that
 * it can't write would block the partition.
 */
const writableValues = (values: Headers[string]): (Buffer | string)[] =>
  [values ?? null]
    .flat()
    .map((value) => value ?? '')
    .filter((value) => Buffer.isBuffer(value) || typeof value === 'string');

const toDeadLetter = ({ key, value, ...message }: Message, err: unknown, attempts: number): DeadLetter => ({
  key,
  value,
  headers: {
    ...Object.fromEntries(Object.entries(message.headers).map(([name, values]) => [name, writableValues(values)])),
    'dlq-topic': [message.topic],
    'dlq-partition': [String(message.partition)],
    'dlq-offset': [message.offset],
    'dlq-consumer': ['notification-service'],
    'dlq-error': [errorClassOf(err)],
    'dlq-attempts': [String(attempts)],
  },
});

export const makeConsume = ({ decode, notify, publishDeadLetter, attempts, telemetry, ...delays }: Deps) => {
  const handle = async (value: Buffer | null): Promise<Outcome | 'skipped'> => {
    const event = value === null ? undefined : toConsumedEvent(await decode(value));
    return event === undefined ? 'skipped' : notify(event);
  };

  const delayAfter = (attempt: number): number =>
    Math.min(delays.firstRetryMs * 2 ** (attempt - 1), delays.lastRetryMs);

  /**
   * Resolves when the offset may be committed: the message was handled or published as a dead letter.
   * @param heartbeat keeps the group membership alive between two attempts; it rejects when the partition was reassigned
   * @param signal ends a retry delay: the process leaves the group
   * @throws what `publishDeadLetter` and `heartbeat` throw, and an AbortError: the broker delivers the same message again
   */
  return async (message: Message, heartbeat: () => Promise<void>, signal: AbortSignal): Promise<void> => {
    const { topic, partition, offset, value } = message;
    for (let attempt = 1, failures = 0; ; attempt += 1) {
      try {
        telemetry.handled({ topic, result: await handle(value) });
        return;
      } catch (err) {
        const isExpected = err instanceof NotificationError;
        if (!(isExpected && err.isTransient)) failures = isExpected ? attempts : failures + 1;
        if (failures >= attempts) {
          await publishDeadLetter(toDeadLetter(message, err, attempt));
          telemetry.deadLettered({ topic, partition, offset, errorClass: errorClassOf(err), err });
          return;
        }
        const retryInMs = delayAfter(attempt);
        telemetry.retrying({ topic, partition, offset, err, retryInMs });
        await pause(retryInMs, undefined, { signal });
        await heartbeat();
      }
    }
  };
};

export type Consume = ReturnType<typeof makeConsume>;
