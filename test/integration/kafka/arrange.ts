import { randomUUID } from 'node:crypto';

import { compatibilityPartitioner, Consumer } from '@platformatic/kafka';
import type { Admin } from 'kafkajs';
import { inject } from 'vitest';

import type { KafkaConnection } from '../../../src/kafka/connection.ts';
import { makeKafkajs } from '../../../src/kafka/kafkajs/client.ts';
import { makeKafkajsPublisher } from '../../../src/kafka/kafkajs/publisher.ts';
import { makeKafkajsSubscriber } from '../../../src/kafka/kafkajs/subscriber.ts';
import { makePlatformaticPublisher } from '../../../src/kafka/platformatic/publisher.ts';
import { makePlatformaticSubscriber } from '../../../src/kafka/platformatic/subscriber.ts';
import type { OutgoingMessage } from '../../../src/messaging/publisher.ts';
import type { IncomingMessage, Subscriber } from '../../../src/messaging/subscriber.ts';
import type { Log } from '../../../src/observability/log-fields.ts';
import { eventually } from '../../support/eventually.ts';
import { makeTopic } from '../../support/test-topics.ts';
import { keyText, textMessage } from '../../support/text-message.ts';

export const { brokers: kafkaBrokers } = inject('kafka');

/** Both adapters; every test of this folder runs with each of them. */
export const CLIENTS = [
  { client: 'kafkajs', makePublisher: makeKafkajsPublisher, makeSubscriber: makeKafkajsSubscriber },
  { client: 'platformatic', makePublisher: makePlatformaticPublisher, makeSubscriber: makePlatformaticSubscriber },
] as const;

export type MakePublisher = (typeof CLIENTS)[number]['makePublisher'];
export type MakeSubscriber = (typeof CLIENTS)[number]['makeSubscriber'];

/** Records the messages of all lines at warn or above. */
export const makeLogRecorder = () => {
  const lines: string[] = [];
  const note = (_fields: unknown, message: string): void => {
    lines.push(message);
  };
  const drop = (): void => undefined;
  const logger: Log = { debug: drop, info: drop, warn: note, error: note, fatal: note };
  return { lines, logger };
};

/** With short timeouts, so that the tests are fast. */
export const connectionTo = (
  brokers: readonly string[] = kafkaBrokers,
  logger: Log = makeLogRecorder().logger,
): KafkaConnection => ({
  brokers,
  clientId: 'user-service-test',
  tls: false,
  connectTimeoutMs: 1000,
  requestTimeoutMs: 2000,
  logger,
});

/** The first broker, as the upstream of a proxy. */
export const upstreamBroker = (): { host: string; port: number } => {
  const [host = '', port = ''] = kafkaBrokers.at(0)?.split(':') ?? [];
  return { host, port: Number(port) };
};

const withAdmin = async <T>(work: (admin: Admin) => Promise<T>): Promise<T> => {
  const admin = makeKafkajs(connectionTo()).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
};

/** Creates a topic of exactly this name; `close` deletes it. */
export const createTopic = async (topic: string): Promise<{ close(): Promise<void> }> => {
  await withAdmin((admin) => makeTopic(admin, { topic, numPartitions: 1 }));
  return { close: () => withAdmin((admin) => admin.deleteTopics({ topics: [topic] })) };
};

export const describeGroup = (group: string) => withAdmin((admin) => admin.describeGroups([group]));

/** Publishes with a new publisher. */
export const publishAll = async (topic: string, messages: readonly OutgoingMessage[]): Promise<void> => {
  const publisher = makePlatformaticPublisher({ ...connectionTo(), sendTimeoutMs: 10_000 });
  await publisher.publish(topic, messages);
  await publisher.close();
};

/** A key of this partition. */
export const keyOfPartition = (partition: number, partitions: number): string => {
  for (let number = 0; ; number += 1) {
    const key = `key-${number}`;
    if (compatibilityPartitioner({ topic: '' }, Buffer.from(key)) % partitions === partition) return key;
  }
};

export const messageOf = (key: string, text: string): OutgoingMessage =>
  textMessage({ key, value: text, headers: { 'event-id': text } });

export const textOf = ({ value }: IncomingMessage): string => value?.toString() ?? '';

/** The texts of the messages by key, in their order. */
export const textsByKey = (messages: readonly IncomingMessage[]): Record<string, string[]> =>
  Object.fromEntries([...Map.groupBy(messages, keyText)].map(([key, some]) => [key, some.map(textOf)]));

const end = (subscriber: Subscriber, topic: string): Promise<number> =>
  subscriber.positions(topic).then((all) => all.reduce((sum, it) => sum + Number(it.end), 0));

/** All messages of the topic, by partition and offset: those of different partitions arrive in any order. */
export const readAll = async (topic: string): Promise<IncomingMessage[]> => {
  const subscriber = makeKafkajsSubscriber({
    ...connectionTo(),
    group: `reader-${randomUUID()}`,
    onCrash: () => undefined,
  });
  const messages: IncomingMessage[] = [];
  const handle = (message: IncomingMessage): Promise<void> => {
    messages.push(message);
    return Promise.resolve();
  };
  try {
    const count = await end(subscriber, topic);
    await subscriber.start({ topics: [topic], handle, commits: false });
    await eventually(
      () => {
        if (messages.length < count) throw new Error(`${messages.length} of ${count} messages`);
      },
      { deadlineMs: 10_000 },
    );
    return messages.toSorted((a, b) => a.partition - b.partition || Number(BigInt(a.offset) - BigInt(b.offset)));
  } finally {
    await subscriber.close();
  }
};

/** The ids of the producers of a topic with one partition; -1 for a producer that is not idempotent. */
export const producersOf = async (topic: string): Promise<bigint[]> => {
  const consumer = new Consumer({ clientId: 'test', bootstrapBrokers: [...kafkaBrokers], groupId: randomUUID() });
  try {
    consumer.topics.track(topic);
    const known = (await consumer.metadata({ topics: [topic] })).topics.get(topic);
    const partitions = [
      { partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000_000, currentLeaderEpoch: -1, lastFetchedEpoch: -1 },
    ];
    const { responses } = await consumer.fetch({
      node: known?.partitions[0]?.leader ?? 0,
      topics: [{ topicId: known?.id ?? '', partitions }],
      maxWaitTime: 100,
    });
    const batches = responses.flatMap((response) => response.partitions.flatMap(({ records }) => records ?? []));
    return batches.map(({ producerId }) => producerId);
  } finally {
    await consumer.close(true);
  }
};
