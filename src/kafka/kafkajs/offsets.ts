import type { Position } from '../../consumers/ports.ts';
import type { KafkaConnection } from '../connection.ts';
import { makeKafkajs } from './client.ts';
import type { GroupOffsets } from '../membership.ts';
import { nextOffset } from '../next-offset.ts';

const isUnknownTopic = (error: unknown): boolean =>
  (error as { type?: unknown } | undefined)?.type === 'UNKNOWN_TOPIC_OR_PARTITION';

export const openKafkajsOffsets = async (connection: KafkaConnection, groupId: string): Promise<GroupOffsets> => {
  const admin = makeKafkajs(connection).admin();
  await admin.connect();

  const exists = async (topic: string): Promise<boolean> => {
    try {
      await admin.fetchTopicMetadata({ topics: [topic] });
      return true;
    } catch (error) {
      if (isUnknownTopic(error)) return false;
      throw error;
    }
  };

  return {
    positions: async (topic): Promise<Position[]> => {
      if (!(await exists(topic))) return [];
      const [log, groups] = await Promise.all([
        admin.fetchTopicOffsets(topic),
        admin.fetchOffsets({ groupId, topics: [topic] }),
      ]);
      const committed = new Map(groups.flatMap(({ partitions }) => partitions.map((p) => [p.partition, p.offset])));
      return log
        .toSorted((one, other) => one.partition - other.partition)
        .map(({ partition, low, high }) => ({
          partition,
          next: String(nextOffset(BigInt(committed.get(partition) ?? -1), BigInt(low), BigInt(high))),
          end: high,
        }));
    },
    close: () => admin.disconnect(),
  };
};
