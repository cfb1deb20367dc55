import { randomUUID } from 'node:crypto';

import { Kafka, logLevel, type Admin } from 'kafkajs';
import { inject } from 'vitest';

export type TestTopics = {
  /**
   * Makes a topic whose name begins with `name`.
   * @param options partitions 1 unless told otherwise; settings are the topic's own, e.g. `{ 'max.message.bytes': '1000' }`
   */
  create(
    name: string,
    options?: { readonly partitions?: number; readonly settings?: Readonly<Record<string, string>> },
  ): Promise<string>;
  /** Removes every topic that was made. */
  drop(): Promise<void>;
};

/**
 * Topics that no other test file has: `afterAll(topics.drop)`.
 * @param brokers of the run's Kafka unless told otherwise
 */
export const makeTestTopics = (brokers?: readonly string[]): TestTopics => {
  const made: string[] = [];
  const administer = async (work: (admin: Admin) => Promise<unknown>): Promise<void> => {
    const known = brokers ?? inject('kafka').brokers;
    const admin = new Kafka({ clientId: 'test-topics', brokers: [...known], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await work(admin).finally(() => admin.disconnect());
  };
  return {
    create: async (name, { partitions = 1, settings = {} } = {}) => {
      const topic = `${name}-${randomUUID()}`;
      const configEntries = Object.entries(settings).map(([key, value]) => ({ name: key, value }));
      await administer((admin) =>
        admin.createTopics({ topics: [{ topic, numPartitions: partitions, replicationFactor: 1, configEntries }] }),
      );
      made.push(topic);
      return topic;
    },
    drop: () => administer((admin) => admin.deleteTopics({ topics: made.splice(0) })),
  };
};
