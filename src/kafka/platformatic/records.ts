import type { RecordsBatch } from '@platformatic/kafka';

import type { MessageHeaders } from '../../messaging/headers.ts';
import type { IncomingMessage } from '../../messaging/subscriber.ts';
import type { TopicPartition } from '../consumer/membership.ts';

type Record = RecordsBatch['records'][number];

/** Bit 5 of a batch's attributes: a control batch holds transaction markers, no messages. https://kafka.apache.org/documentation/#recordbatch */
const CONTROL = 0x20;

/** Bit 3: the broker's time of the batch instead of the producer's time of each record. */
const LOG_APPEND_TIME = 0x08;
const EMPTY = Buffer.alloc(0);

const headersOf = (headers: Record['headers']): MessageHeaders =>
  headers.map(([name, value]) => ({ name: name ?? EMPTY, value: value ?? null }));

const timestampOf = ({ attributes, firstTimestamp, maxTimestamp }: RecordsBatch, { timestampDelta }: Record): bigint =>
  (attributes & LOG_APPEND_TIME) === 0 ? BigInt.asIntN(64, firstTimestamp + timestampDelta) : maxTimestamp;

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
          key: record.key ?? null,
          value: record.value ?? null,
          headers: headersOf(record.headers),
          timestamp: timestampOf(batch, record),
        })),
    );
