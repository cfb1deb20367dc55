// Publishes a message that can't be handled to the dead-letter topic, with headers about its origin and its error. A reason is a sentence of
// this file, never the message of an error, which may quote a value.

import { CodedError } from '../errors/coded-error.ts';
import { MessagingError } from '../messaging/messaging-error.ts';
import type { OutgoingMessage, Publisher } from '../messaging/publisher.ts';
import type { IncomingMessage } from '../messaging/subscriber.ts';
import { deadLetterTopic, unchangedMessage } from './dead-letter.ts';
import type { ConsumerTelemetry } from './ports.ts';

type Deps = {
  readonly publisher: Pick<Publisher, 'publish'>;
  /** Name of the consumer group. */
  readonly consumer: string;
  readonly telemetry: Pick<ConsumerTelemetry, 'deadLettered'>;
  /** Trace of the dead letter when the message came without one. */
  readonly currentTraceparent: () => string | undefined;
};

type Failure = { readonly err: unknown; readonly attempts: number };

const REASONS = new Map([
  ['MESSAGE_UNREADABLE', 'The bytes are not an event of a known schema.'],
  ['EVENT_FORBIDDEN', 'The event holds a value that the service rejects.'],
]);
const REJECTED = 'The service rejected the event.';
const BUG = 'The handler failed at each attempt.';

/** Headers that a dead letter keeps when it is too large. */
const SMALL_HEADERS = new Set(['event-id', 'event-type', 'traceparent', 'dlq-redriven']);
const SMALL = 256;
const isSmall = (text = ''): boolean => text.length <= SMALL;

const ownCodeOf = (error: unknown): string | undefined =>
  error instanceof CodedError ? (error as CodedError).code : undefined;

/** The code of a coded error, else the name of its class. */
const errorClassOf = (error: unknown): string => {
  const name = error instanceof Error ? error.constructor.name : 'Unknown';
  return ownCodeOf(error) ?? (name || 'Error');
};

const reasonOf = (error: unknown): string => {
  const code = ownCodeOf(error);
  return code === undefined ? BUG : (REASONS.get(code) ?? REJECTED);
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

  /** With the added headers a message may exceed the broker's limit; without its value the headers still name where the original is. */
  const publish = async (topic: string, message: OutgoingMessage, added: OutgoingMessage['headers']): Promise<void> => {
    try {
      await publisher.publish(topic, [{ ...message, headers: { ...message.headers, ...added } }]);
    } catch (error) {
      if (!(error instanceof MessagingError && error.code === 'MESSAGE_REFUSED')) throw error;
      await publisher.publish(topic, [withoutLargeParts(message, added)]);
    }
  };

  /**
   * Resolves when the dead letter was acknowledged.
   * @throws MessagingError BROKER_UNAVAILABLE; the offset must not be committed then
   */
  return async (message: IncomingMessage, failure: Failure): Promise<void> => {
    const { topic, partition, offset } = message;
    await publish(deadLetterTopic(topic), unchangedMessage(message), describe(message, failure));
    telemetry.deadLettered({ topic, partition, offset, errorClass: errorClassOf(failure.err), err: failure.err });
  };
};

export type PublishDeadLetter = ReturnType<typeof makePublishDeadLetter>;
