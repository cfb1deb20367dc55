import type { OutgoingMessage } from '../../messaging/publisher.ts';

/** Lengths, timestamps and sequence numbers of one record, generously. */
const RECORD_BYTES = 70;
const HEADER_BYTES = 10;

const sizeOf = ({ key, value, headers }: OutgoingMessage): number =>
  Object.entries(headers).reduce(
    (bytes, [name, text]) => bytes + Buffer.byteLength(name) + Buffer.byteLength(text) + HEADER_BYTES,
    Buffer.byteLength(key ?? '') + value.length + RECORD_BYTES,
  );

/** Runs of messages in their order, each of at most `maxBytes`; a message that is larger than that stands alone. */
export const splitBySize = (messages: readonly OutgoingMessage[], maxBytes: number): OutgoingMessage[][] => {
  const runs: OutgoingMessage[][] = [];
  let room = 0;
  for (const message of messages) {
    const bytes = sizeOf(message);
    if (bytes > room) {
      runs.push([]);
      room = maxBytes;
    }
    runs.at(-1)?.push(message);
    room -= bytes;
  }
  return runs;
};
