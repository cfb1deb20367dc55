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

type Range = { readonly topic: string; readonly partition: number; readonly from: string; readonly end: bigint };

/** Of the partitions that have messages since that time. */
const findRanges = async ({ kafka, topics, since }: Source): Promise<Range[]> => {
  const ranges: Range[] = [];
  const admin = kafka.admin();
  await admin.connect();
  try {
    for (const topic of topics) {
      const starts = await admin.fetchTopicOffsetsByTimestamp(topic, since.getTime());
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
        const from = starts.find((start) => start.partition === partition)?.offset ?? high;
        if (BigInt(from) < BigInt(high)) ranges.push({ topic, partition, from, end: BigInt(high) });
      }
    }
    return ranges;
  } finally {
    await admin.disconnect();
  }
};

const placeOf = (topic: string, partition: number): string => `${topic} ${partition}`;

/** The group has no positions, so it begins at the ends: nothing is delivered before `seek`. */
const readRanges = async (source: Source, ranges: readonly Range[], take: (message: KafkaMessage) => void) => {
  const { kafka, groupId, topics } = source;
  const left = new Map(ranges.map(({ topic, partition, end }) => [placeOf(topic, partition), end]));
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
        const place = placeOf(topic, partition);
        const end = left.get(place);
        if (end !== undefined) take(message);
        if (end !== undefined && BigInt(message.offset) + 1n >= end) left.delete(place);
        if (left.size === 0) done.resolve(undefined);
        return Promise.resolve();
      },
    });
    for (const { topic, partition, from } of ranges) consumer.seek({ topic, partition, offset: from });
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
  const ranges = await findRanges(source);
  if (ranges.length > 0) await readRanges(source, ranges, (message) => messages.push(message));
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
