import { Consumer, findErrorBy, ListOffsetTimestamps } from '@platformatic/kafka';

import type { Position } from '../../messaging/subscriber.ts';
import type { KafkaConnection } from '../connection.ts';
import { nextOffset, type GroupOffsets } from '../consumer/membership.ts';
import { platformaticOptions } from './client.ts';

type TopicOffsets = ReadonlyMap<string, readonly (bigint | undefined)[]>;

/** Where the group continues in each partition of a topic, and where the partition ends. */
export const readPositions = async (consumer: Consumer, topic: string): Promise<Position[]> => {
  const [lows, highs] = await Promise.all([
    consumer.listOffsets({ topics: [topic], timestamp: ListOffsetTimestamps.EARLIEST }),
    consumer.listOffsets({ topics: [topic], timestamp: ListOffsetTimestamps.LATEST }),
  ]);
  const ends = highs.get(topic) ?? [];
  const partitions = [...ends.keys()];
  const committed: TopicOffsets = await consumer.listCommittedOffsets({ topics: [{ topic, partitions }] });
  return ends.map((end, partition) => ({
    partition,
    next: String(nextOffset(committed.get(topic)?.at(partition) ?? -1n, lows.get(topic)?.at(partition) ?? 0n, end)),
    end: String(end),
  }));
};

export const openPlatformaticOffsets = (connection: KafkaConnection, groupId: string): GroupOffsets => {
  const consumer = new Consumer({ ...platformaticOptions(connection), groupId });

  const exists = async (topic: string): Promise<boolean> => {
    try {
      await consumer.metadata({ topics: [topic], retries: 0 });
      return true;
    } catch (error) {
      if (error instanceof Error && findErrorBy(error, 'code', 'PLT_KFK_USER')) return false; // its "Unknown topic"
      throw error;
    }
  };

  return {
    positions: async (topic) => ((await exists(topic)) ? readPositions(consumer, topic) : []),
    close: () => consumer.close(true),
  };
};
