// What a broker does not accept: a batch above its size limit, and messages that it rejects at every attempt.

import type { OutgoingMessage } from '../../messaging/publisher.ts';

/** Upper bound of the lengths, timestamps and sequence numbers of one record. */
const RECORD_BYTES = 70;
const HEADER_BYTES = 10;

const sizeOf = ({ key, value, headers }: OutgoingMessage): number =>
  headers.reduce(
    (bytes, header) => bytes + header.name.length + (header.value?.length ?? 0) + HEADER_BYTES,
    (key?.length ?? 0) + (value?.length ?? 0) + RECORD_BYTES,
  );

/** Batches of messages in their order, each of at most `maxBytes`; a larger message gets a batch of its own. */
export const splitBySize = (messages: readonly OutgoingMessage[], maxBytes: number): OutgoingMessage[][] => {
  const batches: OutgoingMessage[][] = [];
  let bytesLeft = 0;
  for (const message of messages) {
    const bytes = sizeOf(message);
    if (bytes > bytesLeft) {
      batches.push([]);
      bytesLeft = maxBytes;
    }
    batches.at(-1)?.push(message);
    bytesLeft -= bytes;
  }
  return batches;
};

/** Errors of the Kafka protocol that the same message causes at every attempt. https://kafka.apache.org/protocol#protocol_error_codes */
const PERMANENT_ERRORS: ReadonlySet<unknown> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'INVALID_TOPIC_EXCEPTION',
]);

type ClientError = {
  /** The code in an error of kafkajs. */
  readonly type?: unknown;
  /** The code in an error of @platformatic/kafka. */
  readonly apiId?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
};

/** Whether the broker will never accept this message: looks for the code anywhere in what a client threw. */
export const isPermanentRejection = (error: unknown): boolean => {
  if (typeof error !== 'object' || error === null) return false;
  const { type, apiId, cause, errors } = error as ClientError;
  if (PERMANENT_ERRORS.has(type) || PERMANENT_ERRORS.has(apiId)) return true;
  return isPermanentRejection(cause) || (Array.isArray(errors) && errors.some(isPermanentRejection));
};
