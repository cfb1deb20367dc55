// Headers as bytes, which the API of kafkajs 2.2.4 does not have. It reads them into an object, which loses the order of repeated names and bytes that
// are no UTF-8, and fails for names such as `toString`; it can't write a null value; and a message that one member can't copy blocks its partition.
// The library is not maintained, so the two methods that encode and decode record headers, and nothing else, are patched once per process.
// https://kafka.apache.org/documentation/#recordheader

import { createRequire } from 'node:module';

import type { IHeaders } from 'kafkajs';

import type { MessageHeader, MessageHeaders } from '../../messaging/headers.ts';

type Decoder = {
  readVarInt(): number;
  readVarIntBytes(): Buffer | null;
};
type Encoder = {
  writeVarIntString(value: unknown): Encoder;
  writeVarIntBytes(value: unknown): Encoder;
};
type Prototype<T> = { prototype: T & Record<PropertyKey, unknown> };

const PATCHED = Symbol.for('user-service.kafkajs-raw-headers');
const RAW = Symbol.for('user-service.kafkajs-headers');

/** Stands for null: kafkajs measures each value with `Buffer.byteLength`, and both have the same length on the wire. */
const NULL = Buffer.alloc(0);
const EMPTY = Buffer.alloc(0);

const readHeaders = (decoder: Decoder): MessageHeader[] =>
  Array.from({ length: Math.max(0, decoder.readVarInt()) }, () => ({
    name: decoder.readVarIntBytes() ?? EMPTY,
    value: decoder.readVarIntBytes(),
  }));

/** Call before a consumer or a producer is made. */
export const patchRecordHeaders = (): void => {
  const require = createRequire(import.meta.url);
  const { prototype: decoder } = require('kafkajs/src/protocol/decoder.js') as Prototype<Decoder>;
  const { prototype: encoder } = require('kafkajs/src/protocol/encoder.js') as Prototype<Encoder>;
  if (Object.hasOwn(decoder, PATCHED)) return;
  const { writeVarIntString, writeVarIntBytes } = encoder;
  Object.assign(decoder, {
    [PATCHED]: true,
    /** kafkajs reduces the result to the object `message.headers`: here it gets the list as well. */
    readVarIntArray(this: Decoder) {
      const headers = readHeaders(this);
      const named = Object.fromEntries(headers.map(({ name, value }) => [name.toString(), value]));
      return { reduce: () => Object.assign(named, { [RAW]: headers }) };
    },
  });
  Object.assign(encoder, {
    writeVarIntString(this: Encoder, value: unknown) {
      return Buffer.isBuffer(value) ? writeVarIntBytes.call(this, value) : writeVarIntString.call(this, value);
    },
    writeVarIntBytes(this: Encoder, value: unknown) {
      return writeVarIntBytes.call(this, value === NULL ? null : value);
    },
  });
};

/** The headers of a message that kafkajs has read. */
export const rawHeadersOf = (headers: object = {}): MessageHeaders =>
  (Reflect.get(headers, RAW) as MessageHeaders | undefined) ?? [];

/** Headers for a message that kafkajs sends. It maps the values of a repeated name to records: this list has the records already. */
export const toKafkajsHeaders = (headers: MessageHeaders): IHeaders => {
  const records = headers.map(({ name, value }) => ({ key: name, value: value ?? NULL }));
  return { headers: Object.assign([], { map: () => records }) };
};
