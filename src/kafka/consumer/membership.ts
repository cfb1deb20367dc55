// What a client library gives the subscriber: a place in a consumer group, without any policy of its own about handling or committing.

import type { IncomingMessage, Position } from '../../messaging/subscriber.ts';

export type TopicPartition = { readonly topic: string; readonly partition: number };

/** `offset` is the one of the next message to read, a 64-bit number as text. */
export type Commit = TopicPartition & { readonly offset: string };

/** What happens to a membership, told in the order in which it happens. */
export type MembershipEvents = {
  /** Fetching or a heartbeat succeeded. */
  onSign(): void;
  /** Partitions are dealt anew: what was delivered is void and comes again from the committed offsets, here or elsewhere. None is paused. */
  onRevoked(): void;
  /** Messages of one partition, in order, following those delivered before. Paused partitions deliver only what is on its way. */
  onMessages(partition: TopicPartition, messages: readonly IncomingMessage[]): void;
  /** It is over. `fatal`: another try would end the same way. */
  onEnd(error: unknown, fatal: boolean): void;
};

/** Any of its promises may never settle. */
export type Membership = {
  commit(commits: readonly Commit[]): Promise<void>;
  pause(partition: TopicPartition): void;
  resume(partition: TopicPartition): void;
  leave(): Promise<void>;
};

/** Resolves when partitions, perhaps none, were assigned. A group without committed offsets reads from the beginning. */
export type JoinGroup = (topics: readonly string[], events: MembershipEvents) => Promise<Membership>;

/** Asks the broker where a group stands, without joining it. */
export type GroupOffsets = {
  positions(topic: string): Promise<Position[]>;
  close(): Promise<void>;
};
