// Publishes a message that can't be handled to the dead-letter topic, with headers about its origin and its error. A reason is a sentence of
// this file, never the message of an error, which may quote a value.

import { CodedError } from '../errors/coded-error.ts';
import { findHeader, traceIdOf, traceparentOf, type MessageHeader, type MessageHeaders } from '../messaging/headers.ts';
import { MessagingError } from '../messaging/messaging-error.ts';
import type { OutgoingMessage, Publisher } from '../messaging/publisher.ts';
import type { IncomingMessage } from '../messaging/subscriber.ts';
import { deadLetterTopic, unchangedMessage, withAddedHeaders } from './dead-letter.ts';
import type { ConsumerTelemetry } from './ports.ts';

type Deps = {
  readonly publisher: Pick<Publisher, 'publish'>;
  /** Name of the consumer group. */
  readonly consumer: string;
  readonly telemetry: Pick<ConsumerTelemetry, 'deadLettered'>;
  /** Trace of the dead letter when the message came without one. */
  readonly currentTraceparent: () => string | undefined;
};

type Added = Readonly<Record<string, string>>;
type Failure = { readonly err: unknown; readonly attempts: number };

const REASONS = new Map([
  ['MESSAGE_UNREADABLE', 'The bytes are not an event of a known schema.'],
  ['EVENT_FORBIDDEN', 'The event holds a value that the service rejects.'],
  ['ORDER_EVENT_MISMATCH', 'The event has another user, amount or currency than its order.'],
]);
const REJECTED = 'The service rejected the event.';
const BUG = 'The handler failed at each attempt.';

/** Headers that a dead letter keeps when it is too large, the last one of each name. */
const SMALL_HEADERS = ['event-id', 'event-type', 'traceparent', 'dlq-redriven'];
const SMALL_BYTES = 256;
const isSmall = (bytes: Buffer | null): boolean => bytes === null || bytes.length <= SMALL_BYTES;

/** The largest time that JavaScript can write in ISO 8601. https://tc39.es/ecma262/#sec-time-values-and-time-range */
const MAX_DATE_MS = 8_640_000_000_000_000n;

/** A producer may have written any 64-bit number; one that is no time in milliseconds stays a number. */
const describeTime = (timestamp: bigint): string =>
  timestamp >= 0n && timestamp <= MAX_DATE_MS ? new Date(Number(timestamp)).toISOString() : String(timestamp);

const ownCodeOf = (error: unknown): string | undefined =>
  error instanceof CodedError ? (error as CodedError).code : undefined;

/** The name of a class, whatever was thrown: only as long and as plain as names of classes are. */
const classNameOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'Unknown';
  const { constructor: thrown } = error as { readonly constructor?: unknown };
  const name: unknown = typeof thrown === 'function' ? thrown.name : undefined;
  return typeof name === 'string' && /^[\w$]{1,100}$/.test(name) ? name : 'Error';
};

/** The code of a coded error, else the name of its class. */
const errorClassOf = (error: unknown): string => ownCodeOf(error) ?? classNameOf(error);

const reasonOf = (error: unknown): string => {
  const code = ownCodeOf(error);
  return code === undefined ? BUG : (REASONS.get(code) ?? REJECTED);
};

const keepSmall = (headers: MessageHeaders): MessageHeader[] =>
  SMALL_HEADERS.flatMap((name) => {
    const header = findHeader(headers, name);
    return header && isSmall(header.value) ? [header] : [];
  });

const withoutLargeParts = ({ key, headers }: OutgoingMessage, added: Added): OutgoingMessage => ({
  key: isSmall(key) ? key : null,
  value: Buffer.alloc(0),
  headers: withAddedHeaders(keepSmall(headers), { ...added, 'dlq-value-dropped': 'true' }),
});

export const makePublishDeadLetter = ({ publisher, consumer, telemetry, currentTraceparent }: Deps) => {
  const describe = (message: IncomingMessage, { err, attempts }: Failure): Added => {
    const traceId = traceIdOf(traceparentOf(message.headers)) ?? traceIdOf(currentTraceparent());
    return {
      'dlq-topic': message.topic,
      'dlq-partition': String(message.partition),
      'dlq-offset': message.offset,
      'dlq-timestamp': describeTime(message.timestamp),
      'dlq-consumer': consumer,
      'dlq-error': errorClassOf(err),
      'dlq-reason': reasonOf(err),
      'dlq-attempts': String(attempts),
      ...(traceId && { 'dlq-trace-id': traceId }),
    };
  };

  /** With the added headers a message may exceed the broker's limit; without its value the headers still name where the original is. */
  const publish = async (topic: string, message: OutgoingMessage, added: Added): Promise<void> => {
    try {
      await publisher.publish(topic, [{ ...message, headers: withAddedHeaders(message.headers, added) }]);
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
