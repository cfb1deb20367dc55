// Reads the events that were published since a time, with a consumer group of its own, which is deleted afterwards.

import type { Kafka, KafkaMessage } from 'kafkajs';

import type { DecodeEvent, EventPayload } from '../../src/messaging/codec.ts';

export type PublishedEvent = { readonly type: string; readonly key: string; readonly payload: EventPayload };

/** A broker without new messages responds after this time. */
const MAX_WAIT_MS = 250;

type Source = {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly since: Date;
};

/** Sets the positions of the group. @returns by topic and partition, the offset at which reading ends */
const findEnds = async ({ kafka, groupId, topics, since }: Source): Promise<Map<string, bigint>> => {
  const ends = new Map<string, bigint>();
  const admin = kafka.admin();
  await admin.connect();
  try {
    for (const topic of topics) {
      const from = await admin.fetchTopicOffsetsByTimestamp(topic, since.getTime());
      await admin.setOffsets({ groupId, topic, partitions: from });
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
        const start = BigInt(from.find((one) => one.partition === partition)?.offset ?? high);
        if (start < BigInt(high)) ends.set(`${topic} ${partition}`, BigInt(high));
      }
    }
    return ends;
  } finally {
    await admin.disconnect();
  }
};

const readTo = async (source: Source, ends: Map<string, bigint>, take: (message: KafkaMessage) => void) => {
  const { kafka, groupId, topics } = source;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: MAX_WAIT_MS });
  const done = Promise.withResolvers<undefined>();
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [...topics] });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) done.reject(payload.error);
    });
    await consumer.run({
      autoCommit: false,
      eachMessage: ({ topic, partition, message }) => {
        const place = `${topic} ${partition}`;
        const end = ends.get(place);
        if (end !== undefined) take(message);
        if (end !== undefined && BigInt(message.offset) + 1n >= end) ends.delete(place);
        if (ends.size === 0) done.resolve(undefined);
        return Promise.resolve();
      },
    });
    await done.promise;
  } finally {
    await consumer.disconnect();
  }
};

const deleteGroup = async ({ kafka, groupId }: Source): Promise<void> => {
  const admin = kafka.admin();
  await admin.connect();
  await admin.deleteGroups([groupId]).catch(() => undefined); // it expires by itself
  await admin.disconnect();
};

/** In order per partition. Messages that can't be decoded are counted, not returned. */
export const readEventsSince = async (source: Source, decode: DecodeEvent) => {
  const messages: KafkaMessage[] = [];
  const ends = await findEnds(source);
  if (ends.size > 0) await readTo(source, ends, (message) => messages.push(message));
  await deleteGroup(source);
  const events: PublishedEvent[] = [];
  let unreadable = 0;
  for (const { key, value } of messages) {
    try {
      const { type, payload } = await decode(value ?? Buffer.alloc(0));
      events.push({ type, key: String(key), payload });
    } catch {
      unreadable += 1;
    }
  }
  return { events, unreadable };
};
