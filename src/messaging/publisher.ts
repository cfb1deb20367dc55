// The port for publishing. kafka/producer/ implements it for both client libraries, embedded/ in memory.

import type { MessageHeaders } from './headers.ts';

/** Bytes are published as they are: null and empty are different values. */
export type OutgoingMessage = {
  /** Null only for a dead letter whose original message had none. */
  readonly key: Buffer | null;
  /** Null only for a dead letter that is a tombstone. */
  readonly value: Buffer | null;
  /** `event-id`, `event-type`, `traceparent` … */
  readonly headers: MessageHeaders;
};

export type Publisher = {
  /**
   * Resolves when every in-sync replica has all messages (acks = all). Messages with the same key keep their order, also across calls that are
   * awaited one after the other.
   * @throws MessagingError BROKER_UNAVAILABLE (within the send deadline, whatever the client does) | MESSAGE_REFUSED
   */
  publish(topic: string, messages: readonly OutgoingMessage[]): Promise<void>;
  /** Resolves within a few seconds even if the broker is unreachable. */
  close(): Promise<void>;
};
