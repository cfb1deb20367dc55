import { randomInt } from 'node:crypto';

import {
  compatibilityPartitioner,
  ProduceAcks,
  Producer as PlatformaticProducer,
  stringSerializer,
} from '@platformatic/kafka';

import type { Publisher } from '../../messaging/publisher.ts';
import type { KafkaConnection } from '../connection.ts';
import { makePublisher, type Producer } from '../producer/publisher.ts';
import { platformaticOptions } from './client.ts';

const INT32_MAX = 2 ** 31 - 1;

type Options = KafkaConnection & { readonly sendTimeoutMs: number; readonly maxBatchBytes?: number };

// The library's default partitioner differs from Java and kafkajs unless the number of partitions is a power of two.
const partitionOf: typeof compatibilityPartitioner = (message, key) =>
  key === undefined ? randomInt(INT32_MAX) : compatibilityPartitioner(message, key);

const openProducer = (connection: KafkaConnection): Producer => {
  const producer = new PlatformaticProducer<string, Buffer, string, string>({
    ...platformaticOptions(connection),
    idempotent: true,
    acks: ProduceAcks.ALL,
    partitioner: partitionOf,
    serializers: {
      key: stringSerializer,
      value: (value) => value,
      headerKey: stringSerializer,
      headerValue: stringSerializer,
    },
  });
  return {
    send: async (topic, messages) => {
      await producer.send({
        messages: messages.map(({ key, value, headers }) => ({
          topic,
          ...(key === undefined ? {} : { key }),
          value,
          headers: { ...headers },
        })),
      });
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
