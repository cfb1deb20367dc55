import type { RecordsBatch } from '@platformatic/kafka';

import type { IncomingMessage } from '../../messaging/subscriber.ts';
import type { TopicPartition } from '../consumer/membership.ts';

type Record = RecordsBatch['records'][number];

/** Bit 5 of a batch's attributes: a control batch holds transaction markers, no messages. https://kafka.apache.org/documentation/#recordbatch */
const CONTROL = 0x20;

const headersOf = (headers: Record['headers']): IncomingMessage['headers'] =>
  Object.fromEntries(headers.flatMap(([name, value]) => (name && value ? [[name.toString(), value.toString()]] : [])));

/** The offset after the last record of the batches, markers included. */
export const endOf = (batches: readonly RecordsBatch[]): bigint | undefined => {
  const last = batches.at(-1);
  return last && last.firstOffset + BigInt(last.lastOffsetDelta) + 1n;
};

/** The messages from `fetchOffset` on: the broker sends whole batches, which may start with earlier ones. */
export const messagesOf = (
  at: TopicPartition,
  batches: readonly RecordsBatch[],
  fetchOffset: bigint,
): IncomingMessage[] =>
  batches
    .filter(({ attributes }) => (attributes & CONTROL) === 0)
    .flatMap((batch) =>
      batch.records
        .map((record) => ({ record, offset: batch.firstOffset + BigInt(record.offsetDelta) }))
        .filter(({ offset }) => offset >= fetchOffset)
        .map(({ record, offset }) => ({
          ...at,
          offset: String(offset),
          key: record.key?.toString(),
          value: record.value,
          headers: headersOf(record.headers),
          timestamp: new Date(Number(batch.firstTimestamp + record.timestampDelta)),
        })),
    );
