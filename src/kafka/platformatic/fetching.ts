// Fetches all assigned partitions that are not paused, one round after the other, each from its own offset.
// The library's stream can't pause a single partition, and after a rebalance it continues where it read, not at the committed offset.

import { setTimeout as pause } from 'node:timers/promises';

import type { Consumer } from '@platformatic/kafka';

import type { MembershipEvents, TopicPartition } from '../consumer/membership.ts';
import { endOf, messagesOf } from './records.ts';

/** An assigned partition, and the offset to fetch next. */
export type FetchPosition = TopicPartition & { next: bigint };

type Options = {
  readonly consumer: Consumer;
  readonly events: MembershipEvents;
  readonly isPaused: (at: TopicPartition) => boolean;
  readonly signal: AbortSignal;
};

/** A broker without new messages responds after this time. */
const MAX_WAIT_MS = 250;
const MAX_BYTES_PER_PARTITION = 1_048_576;
const UNKNOWN_EPOCH = -1;

const nextRound = (signal: AbortSignal): Promise<unknown> =>
  pause(MAX_WAIT_MS, undefined, { signal }).catch(() => undefined);

const toRequest = ({ partition, next }: FetchPosition) => ({
  partition,
  fetchOffset: next,
  partitionMaxBytes: MAX_BYTES_PER_PARTITION,
  currentLeaderEpoch: UNKNOWN_EPOCH,
  lastFetchedEpoch: UNKNOWN_EPOCH,
});

const fetchFrom = async (
  node: number,
  wanted: readonly FetchPosition[],
  topicIds: ReadonlyMap<string, string>,
  options: Options,
) => {
  const topics = [...Map.groupBy(wanted, ({ topic }) => topic)].map(([topic, partitions]) => ({
    topicId: topicIds.get(topic) ?? '',
    partitions: partitions.map(toRequest),
  }));
  const { responses } = await options.consumer.fetch({ node, topics, maxWaitTime: MAX_WAIT_MS });
  if (options.signal.aborted) return;
  options.events.onHeartbeat();
  for (const { topicId, partitions } of responses)
    for (const { partitionIndex, records } of partitions) {
      const at = wanted.find(({ topic, partition }) => topicIds.get(topic) === topicId && partition === partitionIndex);
      const end = endOf(records ?? []);
      if (!at || !records || end === undefined) continue;
      const messages = messagesOf({ topic: at.topic, partition: at.partition }, records, at.next);
      at.next = end;
      if (messages.length > 0) options.events.onMessages(at, messages);
    }
};

/** Runs until `signal` is aborted; rejects when a round fails. */
export const fetchRounds = async (positions: readonly FetchPosition[], options: Options): Promise<void> => {
  const topics = [...new Set(positions.map(({ topic }) => topic))];
  while (!options.signal.aborted) {
    const wanted = positions.filter((at) => !options.isPaused(at));
    if (wanted.length === 0) {
      await nextRound(options.signal);
      continue;
    }
    const metadata = await options.consumer.metadata({ topics: [...topics] });
    const topicIds = new Map([...metadata.topics].map(([topic, { id }]) => [topic, id]));
    const byLeader = Map.groupBy(wanted, (at) => metadata.topics.get(at.topic)?.partitions.at(at.partition)?.leader);
    await Promise.all([...byLeader].map(([node, some]) => fetchFrom(node ?? UNKNOWN_EPOCH, some, topicIds, options)));
  }
};
