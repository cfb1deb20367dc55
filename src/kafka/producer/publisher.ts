// The Publisher port on top of either client library.

import { MessagingError } from '../../messaging/messaging-error.ts';
import type { OutgoingMessage, Publisher } from '../../messaging/publisher.ts';
import { makeRenewable } from '../../resilience/renewable.ts';
import { withRootCause } from '../root-cause.ts';
import { isPermanentRejection, splitBySize } from './broker-limits.ts';

/** One idempotent producer of a client library, acks = all. Any of its promises may never settle. */
export type Producer = {
  send(topic: string, messages: readonly OutgoingMessage[]): Promise<void>;
  /** Sends nothing after this, not even what it is retrying. */
  close(): Promise<void>;
};

type Options = {
  readonly open: () => Promise<Producer>;
  /** For a whole call of `publish`, waiting for earlier calls included. */
  readonly sendTimeoutMs: number;
  /** Below the smallest `max.message.bytes` of the topics; Kafka's default is 1,048,588. */
  readonly maxBatchBytes?: number;
};

const MAX_BATCH_BYTES = 900_000;
const CLOSE_TIMEOUT_MS = 3000;

const toMessagingError = (cause: unknown): MessagingError =>
  isPermanentRejection(cause)
    ? new MessagingError('MESSAGE_REFUSED', 'the broker rejects the message', { cause })
    : new MessagingError('BROKER_UNAVAILABLE', 'the broker did not acknowledge in time', {
        cause: withRootCause(cause),
      });

/** Publishes the messages of one topic, one call after the other. Topics don't wait for each other. */
const makeTopicPublisher = (topic: string, open: () => Promise<Producer>, maxBatchBytes: number) => {
  const producer = makeRenewable(open);
  let previous: Promise<void> = Promise.resolve();

  const send = async (messages: readonly OutgoingMessage[], deadline: number): Promise<void> => {
    for (const batch of splitBySize(messages, maxBatchBytes))
      await producer.use(deadline - performance.now(), (current) => current.send(topic, batch));
  };

  return {
    publish: (messages: readonly OutgoingMessage[], timeoutMs: number): Promise<void> => {
      const deadline = performance.now() + timeoutMs;
      const published = previous.then(() => send(messages, deadline));
      previous = published.catch(() => undefined);
      return published;
    },
    close: producer.close,
  };
};

/**
 * One call at a time per topic, and a new producer after each failure. An idempotent producer numbers its messages per partition and the broker
 * drops what it considers a duplicate; both clients lose count when a send fails halfway or two run at once, and then a new message is
 * acknowledged but never written. A new producer has a new id: at worst a message is written twice. https://github.com/platformatic/kafka/issues/326
 *
 * A topic that does not exist is BROKER_UNAVAILABLE: it may be created later, and its events must not be lost until then.
 */
export const makePublisher = ({ open, sendTimeoutMs, maxBatchBytes = MAX_BATCH_BYTES }: Options): Publisher => {
  const topics = new Map<string, ReturnType<typeof makeTopicPublisher>>();
  let closed = false;

  const publisherOf = (topic: string) => {
    const publisher = topics.get(topic) ?? makeTopicPublisher(topic, open, maxBatchBytes);
    topics.set(topic, publisher);
    return publisher;
  };

  return {
    publish: async (topic, messages) => {
      if (closed) throw new MessagingError('BROKER_UNAVAILABLE', 'the publisher is closed');
      await publisherOf(topic)
        .publish(messages, sendTimeoutMs)
        .catch((error: unknown) => {
          throw toMessagingError(error);
        });
    },
    close: async () => {
      closed = true;
      await Promise.all([...topics.values()].map((topic) => topic.close(CLOSE_TIMEOUT_MS)));
    },
  };
};
