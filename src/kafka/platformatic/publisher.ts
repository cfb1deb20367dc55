import { randomInt } from 'node:crypto';

import {
  compatibilityPartitioner,
  type MessageToProduce,
  ProduceAcks,
  Producer as PlatformaticProducer,
} from '@platformatic/kafka';

import type { OutgoingMessage, Publisher } from '../../messaging/publisher.ts';
import type { KafkaConnection } from '../connection.ts';
import { makePublisher, type Producer } from '../producer/publisher.ts';
import { platformaticOptions } from './client.ts';

const INT32_MAX = 2 ** 31 - 1;

type Options = KafkaConnection & { readonly sendTimeoutMs: number; readonly maxBatchBytes?: number };

// The library's default partitioner differs from Java and kafkajs unless the number of partitions is a power of two.
const partitionOf: typeof compatibilityPartitioner = (message, key) =>
  key === undefined ? randomInt(INT32_MAX) : compatibilityPartitioner(message, key);

type Bytes = Buffer | null;

/** Names are Buffers, so that the map keeps those that repeat. */
const toRecord = (topic: string, message: OutgoingMessage): MessageToProduce<Buffer, Bytes, Buffer, Bytes> => ({
  topic,
  ...(message.key === null ? {} : { key: message.key }),
  value: message.value,
  headers: new Map(message.headers.map(({ name, value }) => [Buffer.from(name), value])),
});

const openProducer = (connection: KafkaConnection): Producer => {
  // without serializers the library takes Buffers and null as they are
  const producer = new PlatformaticProducer<Buffer, Bytes, Buffer, Bytes>({
    ...platformaticOptions(connection),
    idempotent: true,
    acks: ProduceAcks.ALL,
    partitioner: partitionOf,
  });
  return {
    send: async (topic, messages) => {
      await producer.send({ messages: messages.map((message) => toRecord(topic, message)) });
    },
    close: () => producer.close(),
  };
};

/** On @platformatic/kafka. Connects with the first message. */
export const makePlatformaticPublisher = ({ sendTimeoutMs, maxBatchBytes, ...connection }: Options): Publisher =>
  makePublisher({
    open: () => Promise.resolve(openProducer(connection)),
    sendTimeoutMs,
    ...(maxBatchBytes === undefined ? {} : { maxBatchBytes }),
  });
