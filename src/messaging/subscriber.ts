// The port for consuming. kafka/consumer/ implements it for both client libraries, embedded/ in memory.

import type { MessageHeaders } from './headers.ts';

/** Whatever a producer wrote, as bytes. Decoding is part of handling: only a handler can set a message aside. */
export type IncomingMessage = {
  readonly topic: string;
  readonly partition: number;
  /** A 64-bit number as text. */
  readonly offset: string;
  readonly key: Buffer | null;
  /** Null is a tombstone. */
  readonly value: Buffer | null;
  readonly headers: MessageHeaders;
  /** Milliseconds since the epoch if the producer follows the convention, -1 for none. Any 64-bit number is possible. */
  readonly timestamp: bigint;
};

export type Subscription = {
  readonly topics: readonly string[];
  /**
   * Called for one message of a partition at a time, in order; partitions run concurrently. The offset is committed only after it has resolved.
   * When it rejects, the same message is delivered again after a backoff, until it resolves, and the messages behind it wait: a handler must
   * dead-letter a message that can never be handled.
   */
  readonly handle: (message: IncomingMessage) => Promise<void>;
  /** False: no offset is committed, so the group's position does not change. For inspection tools. Default: true. */
  readonly commits?: boolean;
};

/** Messages not yet consumed, by topic and partition: end offset minus committed offset. */
export type Lag = { readonly topic: string; readonly partition: number; readonly messages: number };

/** The position of a group in one partition. Offsets are 64-bit numbers as text; equal offsets mean no lag. */
export type Position = {
  readonly partition: number;
  /** Offset of the message that the group reads next: its committed offset, else the oldest available one. */
  readonly next: string;
  /** Offset of the next message to be written. */
  readonly end: string;
};

export type Subscriber = {
  /** Resolves when the group was joined; rejects with MessagingError BROKER_UNAVAILABLE when that takes too long. Call once. */
  start(subscription: Subscription): Promise<void>;
  /** False before it has joined, and while a lost membership is not replaced. */
  isJoined(): boolean;
  lag(): Promise<Lag[]>;
  /**
   * Current positions of the group in `topic`, by partition; empty when the topic does not exist. Works before `start`.
   * @throws MessagingError BROKER_UNAVAILABLE
   */
  positions(topic: string): Promise<Position[]>;
  /**
   * Waits for the running handlers, commits, leaves the group. Resolves within a few seconds even if the broker is unreachable.
   * @param how `abandon`: does not wait for handlers. They run to their end, but their messages are not committed and go to the next member.
   */
  close(how?: 'finish' | 'abandon'): Promise<void>;
};
