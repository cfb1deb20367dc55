// Fetches one round after the other: all partitions of the assignment that are not paused, from where each of them stands.
// The library's own stream knows no pause of a single partition, and after a rebalance it goes on from where it read, not from what was committed.

import { setTimeout as pause } from 'node:timers/promises';

import type { Consumer } from '@platformatic/kafka';

import type { MembershipEvents, TopicPartition } from '../consumer/membership.ts';
import { endOf, messagesOf } from './records.ts';

/** A partition of the assignment, and the offset that is fetched next. */
export type Standing = TopicPartition & { next: bigint };

type Options = {
  readonly consumer: Consumer;
  readonly events: MembershipEvents;
  readonly isPaused: (at: TopicPartition) => boolean;
  readonly signal: AbortSignal;
};

/** A broker that has nothing answers after this time. */
const MAX_WAIT_MS = 250;
const MAX_BYTES_PER_PARTITION = 1_048_576;
const UNKNOWN_EPOCH = -1;

const nextRound = (signal: AbortSignal): Promise<unknown> =>
  pause(MAX_WAIT_MS, undefined, { signal }).catch(() => undefined);

const toRequest = ({ partition, next }: Standing) => ({
  partition,
  fetchOffset: next,
  partitionMaxBytes: MAX_BYTES_PER_PARTITION,
  currentLeaderEpoch: UNKNOWN_EPOCH,
  lastFetchedEpoch: UNKNOWN_EPOCH,
});

const fetchFrom = async (
  node: number,
  wanted: readonly Standing[],
  topicIds: ReadonlyMap<string, string>,
  of: Options,
) => {
  const topics = [...Map.groupBy(wanted, ({ topic }) => topic)].map(([topic, partitions]) => ({
    topicId: topicIds.get(topic) ?? '',
    partitions: partitions.map(toRequest),
  }));
  const { responses } = await of.consumer.fetch({ node, topics, maxWaitTime: MAX_WAIT_MS });
  if (of.signal.aborted) return;
  of.events.onSign();
  for (const { topicId, partitions } of responses)
    for (const { partitionIndex, records } of partitions) {
      const at = wanted.find(({ topic, partition }) => topicIds.get(topic) === topicId && partition === partitionIndex);
      const end = endOf(records ?? []);
      if (!at || !records || end === undefined) continue;
      const messages = messagesOf({ topic: at.topic, partition: at.partition }, records, at.next);
      at.next = end;
      if (messages.length > 0) of.events.onMessages(at, messages);
    }
};

/** Until `signal` is aborted; rejects when a round fails. */
export const fetchRounds = async (standings: readonly Standing[], of: Options): Promise<void> => {
  const topics = [...new Set(standings.map(({ topic }) => topic))];
  while (!of.signal.aborted) {
    const wanted = standings.filter((at) => !of.isPaused(at));
    if (wanted.length === 0) {
      await nextRound(of.signal);
      continue;
    }
    const metadata = await of.consumer.metadata({ topics: [...topics] });
    const topicIds = new Map([...metadata.topics].map(([topic, { id }]) => [topic, id]));
    const byLeader = Map.groupBy(wanted, (at) => metadata.topics.get(at.topic)?.partitions.at(at.partition)?.leader);
    await Promise.all([...byLeader].map(([node, some]) => fetchFrom(node ?? UNKNOWN_EPOCH, some, topicIds, of)));
  }
};
