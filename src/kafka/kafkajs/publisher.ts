import kafkajs, { type ICustomPartitioner } from 'kafkajs';

import type { Publisher } from '../../messaging/publisher.ts';
import type { KafkaConnection } from '../connection.ts';
import { KAFKAJS_RETRY, makeKafkajs } from './client.ts';
import { toKafkajsHeaders } from './raw-headers.ts';
import { makePublisher, type Producer } from '../producer/publisher.ts';

const ALL_IN_SYNC_REPLICAS = -1;

type Options = KafkaConnection & { readonly sendTimeoutMs: number; readonly maxBatchBytes?: number };

const openProducer = async (connection: KafkaConnection): Promise<Producer> => {
  let closed = false;
  // A disconnected kafkajs producer that is retrying reconnects. Each attempt calls the partitioner first: it ends there.
  const createPartitioner: ICustomPartitioner = () => {
    const partitionOf = kafkajs.Partitioners.DefaultPartitioner();
    return (message) => {
      if (closed) throw new kafkajs.KafkaJSNonRetriableError('the producer is closed');
      return partitionOf(message);
    };
  };
  const producer = makeKafkajs(connection).producer({
    idempotent: true,
    allowAutoTopicCreation: false,
    createPartitioner,
    retry: KAFKAJS_RETRY,
  });
  await producer.connect();
  return {
    send: async (topic, messages) => {
      await producer.send({
        topic,
        acks: ALL_IN_SYNC_REPLICAS,
        timeout: connection.requestTimeoutMs,
        messages: messages.map(({ key, value, headers }) => ({ key, value, headers: toKafkajsHeaders(headers) })),
      });
    },
    close: () => {
      closed = true;
      return producer.disconnect();
    },
  };
};

/** On kafkajs. Connects with the first message. */
export const makeKafkajsPublisher = ({ sendTimeoutMs, maxBatchBytes, ...connection }: Options): Publisher =>
  makePublisher({
    open: () => openProducer(connection),
    sendTimeoutMs,
    ...(maxBatchBytes === undefined ? {} : { maxBatchBytes }),
  });
