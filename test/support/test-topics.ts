import { randomUUID } from 'node:crypto';

import type { Admin } from 'kafkajs';
import { inject } from 'vitest';

import { makeKafkajs } from '../../src/kafka/kafkajs/client.ts';
import { eventually } from './eventually.ts';

export type TestTopics = {
  /**
   * Makes a topic whose name begins with `name`.
   * @param options partitions 1 unless told otherwise; settings are the topic's own, e.g. `{ 'max.message.bytes': '1000' }`
   */
  create(
    name: string,
    options?: { readonly partitions?: number; readonly settings?: Readonly<Record<string, string>> },
  ): Promise<string>;
  /** Makes a topic of exactly this name unless it is there; it stays. */
  open(topic: string, options?: { readonly partitions?: number }): Promise<void>;
  /** The offset behind the last message of each partition. */
  ends(topic: string): Promise<{ partition: number; end: number }[]>;
  /** Removes every topic that `create` made. */
  drop(): Promise<void>;
};

const noLine = (): void => undefined;
const CONNECTION = {
  clientId: 'test-topics',
  tls: false,
  connectTimeoutMs: 3000,
  requestTimeoutMs: 10_000,
  logger: { debug: noLine, info: noLine, warn: noLine, error: noLine, fatal: noLine },
};

type Topic = {
  readonly topic: string;
  readonly numPartitions: number;
  readonly configEntries?: { name: string; value: string }[];
};

/** Resolves when every partition has its leader; a topic that is there already is left as it is. */
export const makeTopic = async (admin: Admin, topic: Topic): Promise<void> => {
  await admin.createTopics({ topics: [{ ...topic, replicationFactor: 1 }], waitForLeaders: false });
  // kafkajs could wait by itself, and fails when a broker does not know the topic yet
  await eventually(async () => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic.topic] });
    const led = topics.flatMap(({ partitions }) => partitions).filter(({ leader }) => leader >= 0);
    if (led.length < topic.numPartitions) throw new Error(`${topic.topic} has no leaders`);
  });
};

/**
 * Topics that no other test file has: `afterAll(topics.drop)`.
 * @param brokers of the run's Kafka unless told otherwise
 */
export const makeTestTopics = (brokers?: readonly string[]): TestTopics => {
  const made: string[] = [];
  const administer = async (work: (admin: Admin) => Promise<unknown>): Promise<void> => {
    const admin = makeKafkajs({ ...CONNECTION, brokers: brokers ?? inject('kafka').brokers }).admin();
    await admin.connect();
    await work(admin).finally(() => admin.disconnect());
  };
  return {
    create: async (name, { partitions = 1, settings = {} } = {}) => {
      const topic = `${name}-${randomUUID()}`;
      const configEntries = Object.entries(settings).map(([key, value]) => ({ name: key, value }));
      made.push(topic);
      await administer((admin) => makeTopic(admin, { topic, numPartitions: partitions, configEntries }));
      return topic;
    },
    open: (topic, { partitions = 1 } = {}) =>
      administer((admin) => makeTopic(admin, { topic, numPartitions: partitions })),
    ends: async (topic) => {
      const ends: { partition: number; end: number }[] = [];
      await administer(async (admin) => {
        for (const { partition, high } of await admin.fetchTopicOffsets(topic))
          ends.push({ partition, end: Number(high) });
      });
      return ends;
    },
    drop: () => administer((admin) => admin.deleteTopics({ topics: made.splice(0) })),
  };
};
