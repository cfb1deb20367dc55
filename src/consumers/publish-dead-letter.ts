// Where a message goes that can't be handled: its bytes as they came, and headers that say where from and why. A reason is a sentence of this
// file, never the message of an error, which may quote a value. docs/dead-letters.md says how to look at one and how to bring it back.

import { CodedError } from '../errors/coded-error.ts';
import { MessagingError } from '../messaging/messaging-error.ts';
import type { OutgoingMessage, Publisher } from '../messaging/publisher.ts';
import type { ConsumerTelemetry } from './ports.ts';
import type { IncomingMessage } from '../messaging/subscriber.ts';

type Deps = {
  readonly publisher: Pick<Publisher, 'publish'>;
  /** Name of the group that gave up. */
  readonly consumer: string;
  readonly telemetry: Pick<ConsumerTelemetry, 'deadLettered'>;
  /** Of the running trace; it names the letter's trace when the message came without one. */
  readonly currentTraceparent: () => string | undefined;
};

type Failure = { readonly err: unknown; readonly attempts: number };

const REASONS = new Map([
  ['MESSAGE_UNREADABLE', 'The bytes are not an event of a known schema.'],
  ['EVENT_FORBIDDEN', 'The event holds a value that the service refuses.'],
]);
const REFUSED = 'The service refused the event.';
const BUG = 'The handler failed at each attempt.';

/** What is still worth keeping of a message that is too large to be kept as it is. */
const SMALL_HEADERS = new Set(['event-id', 'event-type', 'traceparent', 'dlq-redriven']);
const SMALL = 256;
const isSmall = (text = ''): boolean => text.length <= SMALL;

export const deadLetterTopic = (topic: string): string => `${topic}.dlq`;

const codeOf = (error: unknown): string | undefined =>
  error instanceof CodedError ? (error as CodedError).code : undefined;

/** The code of an error that has one, else the name of its class. */
export const errorClassOf = (error: unknown): string => {
  const name = error instanceof Error ? error.constructor.name : 'Unknown';
  return codeOf(error) ?? (name || 'Error');
};

const reasonOf = (error: unknown): string => {
  const code = codeOf(error);
  return code === undefined ? BUG : (REASONS.get(code) ?? REFUSED);
};

/** Second field of a W3C `traceparent`. */
const traceIdOf = (traceparent = ''): string | undefined => /^[\da-f]{2}-([\da-f]{32})-/.exec(traceparent)?.[1];

const withoutLargeParts = ({ key, headers }: OutgoingMessage, added: OutgoingMessage['headers']): OutgoingMessage => {
  const kept = Object.entries(headers).filter(([name, value]) => SMALL_HEADERS.has(name) && isSmall(value));
  const dropped = { 'dlq-value-dropped': 'true' };
  return {
    key: isSmall(key) ? key : undefined,
    value: Buffer.alloc(0),
    headers: { ...Object.fromEntries(kept), ...added, ...dropped },
  };
};

export const makePublishDeadLetter = ({ publisher, consumer, telemetry, currentTraceparent }: Deps) => {
  const describe = (message: IncomingMessage, { err, attempts }: Failure): Record<string, string> => {
    const traceId = traceIdOf(message.headers.traceparent) ?? traceIdOf(currentTraceparent());
    return {
      'dlq-topic': message.topic,
      'dlq-partition': String(message.partition),
      'dlq-offset': message.offset,
      'dlq-timestamp': message.timestamp.toISOString(),
      'dlq-consumer': consumer,
      'dlq-error': errorClassOf(err),
      'dlq-reason': reasonOf(err),
      'dlq-attempts': String(attempts),
      ...(traceId && { 'dlq-trace-id': traceId }),
    };
  };

  /** A message near the broker's limit doesn't fit any more with these headers; its origin says where the bytes still are. */
  const publish = async (topic: string, letter: OutgoingMessage, added: OutgoingMessage['headers']): Promise<void> => {
    try {
      await publisher.publish(topic, [{ ...letter, headers: { ...letter.headers, ...added } }]);
    } catch (error) {
      if (!(error instanceof MessagingError && error.code === 'MESSAGE_REFUSED')) throw error;
      await publisher.publish(topic, [withoutLargeParts(letter, added)]);
    }
  };

  /**
   * Resolves when the letter was acknowledged.
   * @throws MessagingError BROKER_UNAVAILABLE, and then the offset must not move
   */
  return async (message: IncomingMessage, failure: Failure): Promise<void> => {
    const { topic, partition, offset, key, value, headers } = message;
    await publish(
      deadLetterTopic(topic),
      { key, value: value ?? Buffer.alloc(0), headers },
      describe(message, failure),
    );
    telemetry.deadLettered({ topic, partition, offset, errorClass: errorClassOf(failure.err), err: failure.err });
  };
};

export type PublishDeadLetter = ReturnType<typeof makePublishDeadLetter>;
