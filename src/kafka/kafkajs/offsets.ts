import { setTimeout as pause } from 'node:timers/promises';

import type { Position } from '../../messaging/subscriber.ts';
import { backoffMs } from '../../resilience/backoff.ts';
import type { KafkaConnection } from '../connection.ts';
import { nextOffset, type GroupOffsets } from '../consumer/membership.ts';
import { makeKafkajs } from './client.ts';

const isUnknownTopic = (error: unknown): boolean =>
  (error as { type?: unknown } | undefined)?.type === 'UNKNOWN_TOPIC_OR_PARTITION';

/** The coordinator may still be loading the group, and the library does not retry these requests. */
const RETRY = { attempts: 8, firstMs: 50, maxMs: 500 };

const isTransient = (error: unknown): boolean => (error as { retriable?: unknown } | undefined)?.retriable === true;

const withRetries = async <T>(request: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      if (!isTransient(error) || attempt >= RETRY.attempts) throw error;
      await pause(backoffMs(attempt, RETRY));
    }
  }
};

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
        withRetries(() => admin.fetchTopicOffsets(topic)),
        withRetries(() => admin.fetchOffsets({ groupId, topics: [topic] })),
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
