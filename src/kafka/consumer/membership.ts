// What a client library provides to the subscriber: membership of a consumer group, without a policy for handling or committing.

import type { IncomingMessage, Position } from '../../messaging/subscriber.ts';

export type TopicPartition = { readonly topic: string; readonly partition: number };

/** `offset` is the one of the next message to read, a 64-bit number as text. */
export type Commit = TopicPartition & { readonly offset: string };

/**
 * Why a membership has ended. `refused`: the broker does not accept the password, which may be rotating. `fatal`: joining again would end the same
 * way. `lost`: anything else.
 */
export type MembershipEnd = 'lost' | 'refused' | 'fatal';

/** What happens to a membership; called in the order in which it happens. */
export type MembershipEvents = {
  /** A fetch or a heartbeat succeeded. */
  onHeartbeat(): void;
  /**
   * Partitions are reassigned: messages that were delivered are delivered again from the committed offsets, to this member or another one. No
   * partition is paused any more.
   */
  onRevoked(): void;
  /** Messages of one partition, in order, following those delivered before. A paused partition delivers only what was already requested. */
  onMessages(partition: TopicPartition, messages: readonly IncomingMessage[]): void;
  /** The membership has ended. */
  onEnd(error: unknown, why: MembershipEnd): void;
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

/** Reads the positions of a group from the broker, without joining it. */
export type GroupOffsets = {
  positions(topic: string): Promise<Position[]>;
  close(): Promise<void>;
};

/** Where a group that committed `committed` (-1: nothing) continues in a log that holds the offsets from `low` up to `high`. */
export const nextOffset = (committed: bigint, low: bigint, high: bigint): bigint =>
  committed >= low && committed <= high ? committed : low;
