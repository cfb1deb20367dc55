import { randomUUID } from 'node:crypto';

import type { Admin } from 'kafkajs';
import { inject } from 'vitest';

import { makeKafkajs } from '../../src/kafka/kafkajs/client.ts';
import { eventually } from './eventually.ts';

type TopicOptions = { readonly partitions?: number; readonly settings?: Readonly<Record<string, string>> };

export type TestTopics = {
  /**
   * Creates a topic whose name starts with `name`.
   * @param options partitions: default 1; settings of the topic, e.g. `{ 'max.message.bytes': '1000' }`
   */
  create(name: string, options?: TopicOptions): Promise<string>;
  /** Creates a topic of exactly this name unless it exists; `drop` keeps it. */
  open(topic: string, options?: TopicOptions): Promise<void>;
  /** The end offset of each partition. */
  ends(topic: string): Promise<{ partition: number; end: number }[]>;
  /** Deletes every topic that `create` has created. */
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

/** Resolves when every partition has a leader; an existing topic is not changed. */
export const makeTopic = async (admin: Admin, topic: Topic): Promise<void> => {
  await admin.createTopics({ topics: [{ ...topic, replicationFactor: 1 }], waitForLeaders: false });
  // kafkajs can wait by itself, but fails when a broker does not know the topic yet
  await eventually(async () => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic.topic] });
    const led = topics.flatMap(({ partitions }) => partitions).filter(({ leader }) => leader >= 0);
    if (led.length < topic.numPartitions) throw new Error(`${topic.topic} has no leaders`);
  });
};

/**
 * Topics with unique names, for one test file: `afterAll(topics.drop)`.
 * @param brokers default: the Kafka of the test run
 */
export const makeTestTopics = (brokers?: readonly string[]): TestTopics => {
  const created: string[] = [];
  const administer = async (work: (admin: Admin) => Promise<unknown>): Promise<void> => {
    const admin = makeKafkajs({ ...CONNECTION, brokers: brokers ?? inject('kafka').brokers }).admin();
    await admin.connect();
    await work(admin).finally(() => admin.disconnect());
  };
  const open: TestTopics['open'] = (topic, { partitions = 1, settings = {} } = {}) => {
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    return administer((admin) => makeTopic(admin, { topic, numPartitions: partitions, configEntries }));
  };
  return {
    create: async (name, { partitions = 1, settings = {} } = {}) => {
      const topic = `${name}-${randomUUID()}`;
      created.push(topic);
      await open(topic, { partitions, settings });
      return topic;
    },
    open,
    ends: async (topic) => {
      const ends: { partition: number; end: number }[] = [];
      await administer(async (admin) => {
        for (const { partition, high } of await admin.fetchTopicOffsets(topic))
          ends.push({ partition, end: Number(high) });
      });
      return ends;
    },
    drop: () => administer((admin) => admin.deleteTopics({ topics: created.splice(0) })),
  };
};
