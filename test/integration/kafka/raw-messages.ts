// Messages that no client of this service would write, and a way to write them: as record batches of @platformatic/kafka, whose encoder takes any
// bytes, null and any 64-bit timestamp. kafkajs can't write them.

import { randomUUID } from 'node:crypto';

import { Producer } from '@platformatic/kafka';

import type { MessageHeader } from '../../../src/messaging/headers.ts';
import type { OutgoingMessage } from '../../../src/messaging/publisher.ts';

export type RawMessage = OutgoingMessage & { readonly timestamp: bigint };
export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

const header = (name: string | Buffer, value: string | Buffer | null): MessageHeader => ({
  name: Buffer.from(name as string),
  value: value === null ? null : Buffer.from(value as string),
});

const plain: RawMessage = {
  key: Buffer.from('key'),
  value: Buffer.from('junk'),
  headers: [],
  timestamp: 1_764_000_000_000n,
};
const INVALID_UTF8 = Buffer.from([0xff, 0xfe, 0xc3, 0x28]);

/** What another producer may write, by what is unusual about it. */
export const RAW_MESSAGES: Readonly<Record<string, RawMessage>> = {
  'a header without a value': { ...plain, headers: [header('x', null)] },
  'an empty header value and an empty name': { ...plain, headers: [header('x', ''), header('', 'y')] },
  'repeated headers between others': {
    ...plain,
    headers: ['1', '2', null, '1'].flatMap((value, n) => [header('x', value), header(`other-${n}`, 'y')]),
  },
  'binary header names and values': {
    ...plain,
    headers: [header(INVALID_UTF8, INVALID_UTF8), header('x', Buffer.alloc(9))],
  },
  'header names that every object has': {
    ...plain,
    headers: ['__proto__', 'toString', 'constructor', 'hasOwnProperty', '__proto__'].map((name) => header(name, 'x')),
  },
  'header names that are numbers, in descending order': {
    ...plain,
    headers: ['2', '1', '0'].map((name) => header(name, 'x')),
  },
  'headers that the service reads, as no text': {
    ...plain,
    headers: ['event-id', 'event-type', 'traceparent'].flatMap((name) => [
      header(name, null),
      header(name, INVALID_UTF8),
    ]),
  },
  'headers of a dead letter': {
    ...plain,
    headers: [header('dlq-topic', 'forged'), header('dlq-value-dropped', 'true'), header('dlq-original-headers', '0')],
  },
  'a thousand headers': { ...plain, headers: Array.from({ length: 1000 }, (_, n) => header('x', String(n))) },
  'a binary key': { ...plain, key: Buffer.from([0, 0, 0, 0, 1, 0xff, 0xfe, 0x80]) },
  'an empty key': { ...plain, key: Buffer.alloc(0) },
  'no key': { ...plain, key: null },
  'an empty value': { ...plain, value: Buffer.alloc(0) },
  'no value': { ...plain, value: null },
  'a time in nanoseconds': { ...plain, timestamp: 1_764_000_000_000_000_000n },
  'the largest time': { ...plain, timestamp: 2n ** 63n - 1n },
  'the time 0': { ...plain, timestamp: 0n },
  'no time': { ...plain, timestamp: -1n },
};

/** Brokers of Kafka 4 refuse times far from their own unless a topic allows them; earlier ones accept any. */
export const ANY_TIME = { 'message.timestamp.after.max.ms': String(2n ** 63n - 1n), 'retention.ms': '-1' };

type Bytes = Buffer | null;

/** One record batch per message, in their order, into partition 0. */
export const writeRaw = async (
  brokers: readonly string[],
  topic: string,
  messages: readonly RawMessage[],
  compression: Compression = 'none',
): Promise<void> => {
  const producer = new Producer<Buffer, Bytes, Buffer, Bytes>({
    clientId: `raw-${randomUUID()}`,
    bootstrapBrokers: [...brokers],
  });
  const toRecord = ({ key, value, headers, timestamp }: RawMessage) => ({
    ...{ topic, partition: 0, value, timestamp },
    ...(key === null ? {} : { key }),
    headers: new Map(headers.map((each) => [each.name, each.value])),
  });
  try {
    for (const message of messages)
      await producer.send({
        messages: [toRecord(message)],
        compression,
      });
  } finally {
    await producer.close();
  }
};
