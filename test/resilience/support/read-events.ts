// Reads all messages of a topic, from the first one on, as any consumer would.

import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';

import type { DecodeEvent } from '../../../src/messaging/codec.ts';
import { makeTestTopics } from '../../support/test-topics.ts';
import type { Surroundings } from './surroundings.ts';

export type SeenEvent = {
  readonly id: string;
  readonly key: string;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
};

export const toSeen = async (
  decode: DecodeEvent,
  { key, value, headers = {} }: kafkajs.KafkaMessage,
): Promise<SeenEvent> => {
  const text = Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, String(bytes)]));
  const { type, payload } = await decode(value ?? Buffer.alloc(0));
  return { id: text['event-id'] ?? '', key: String(key), type, payload, headers: text };
};

/** The raw messages, in order per partition. */
export const readMessages = async (brokers: readonly string[], topic: string): Promise<kafkajs.KafkaMessage[]> => {
  const ends = await makeTestTopics(brokers).ends(topic);
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}`, maxWaitTimeInMs: 250 });
  const messages: kafkajs.KafkaMessage[] = [];
  const left = new Map(ends.filter(({ end }) => end > 0).map(({ partition, end }) => [partition, end]));
  const { promise: done, resolve } = Promise.withResolvers<undefined>();
  if (left.size === 0) return messages;
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ partition, message }) => {
      messages.push(message);
      if (Number(message.offset) + 1 >= (left.get(partition) ?? 0)) left.delete(partition);
      if (left.size === 0) resolve(undefined);
      return Promise.resolve();
    },
  });
  await done;
  await consumer.disconnect();
  return messages;
};

export const readEvents = async ({ kafka, codec }: Surroundings, topic: string): Promise<SeenEvent[]> =>
  Promise.all((await readMessages(kafka.brokers, topic)).map((message) => toSeen(codec.decode, message)));
