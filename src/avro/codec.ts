// Events as Avro in the wire format of schema registries: a zero byte, four bytes of schema id, the body.
// https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
// Errors have no cause: the messages of avsc quote values.

import type { Type } from 'avsc';

import type { DecodedEvent, DecodeEvent, EncodeEvent, EventPayload } from '../messaging/codec.ts';
import { MessagingError } from '../messaging/messaging-error.ts';
import { makeAvroExtent } from './extent.ts';
import type { EventSchemas } from './schemas.ts';

/** Schema ids; implemented by avro/schema-registry.ts, and in memory by embedded/memory/schema-ids.ts. */
export type SchemaIds = {
  /**
   * The id of the newest schema of an event that this release has.
   * @throws MessagingError REGISTRY_UNAVAILABLE, also while the schema is not registered yet
   */
  idOf(type: string): Promise<number>;
  /**
   * The schema that a message was written with: the same object for the same id, as long as the process lives.
   * @throws MessagingError MESSAGE_UNREADABLE (no such id) | REGISTRY_UNAVAILABLE
   */
  schemaOf(id: number): Promise<Type>;
};

type Deps = { readonly schemas: EventSchemas; readonly registry: SchemaIds };
type ReadBody = (body: Buffer) => DecodedEvent;

const MAGIC_BYTE = 0;
const HEADER_BYTES = 5;

const unencodable = (message: string): MessagingError => new MessagingError('EVENT_UNENCODABLE', message);
const unreadable = (message: string): MessagingError => new MessagingError('MESSAGE_UNREADABLE', message);

const withHeader = (id: number, body: Buffer): Buffer => {
  const message = Buffer.allocUnsafe(HEADER_BYTES + body.length);
  message.writeUInt8(MAGIC_BYTE, 0);
  message.writeUInt32BE(id, 1);
  body.copy(message, HEADER_BYTES);
  return message;
};

/**
 * A field with a default may be missing: the row may have been written by an older release. A field that the schema doesn't have is rejected,
 * because it would be lost silently.
 */
const makeEncode = ({ schemas, registry }: Deps): EncodeEvent => {
  return async (type, payload) => {
    const schema = schemas.byType.get(type)?.newest;
    if (schema === undefined) throw unencodable('There is no schema for this type of event.');
    if (!schema.isValid(payload)) throw unencodable('A field of the event is missing or does not match its schema.');
    if (!schema.isValid(payload, { noUndeclaredFields: true }))
      throw unencodable('The event has a field that its schema does not have.');
    return withHeader(await registry.idOf(type), schema.toBuffer(payload));
  };
};

/** Reads with our newest schema of the record; a foreign record is read with its own schema, under its full name. */
const makeReadBody = (writer: Type, { byType, policy }: EventSchemas): ReadBody => {
  const fullName = writer.name ?? '';
  const name = fullName.startsWith(`${policy.namespace}.`) ? fullName.slice(policy.namespace.length + 1) : fullName;
  const reader = byType.get(name)?.newest ?? writer;
  const resolver = reader === writer ? undefined : reader.createResolver(writer);
  const fits = makeAvroExtent(writer);
  return (body) => {
    if (!fits(body)) throw new RangeError('not exactly one value of the schema');
    return { type: name, payload: { ...(reader.fromBuffer(body, resolver) as EventPayload) } };
  };
};

const makeDecode = ({ schemas, registry }: Deps): DecodeEvent => {
  const readers = new WeakMap<Type, ReadBody>();
  const readerOf = (writer: Type): ReadBody => {
    const read = readers.get(writer) ?? makeReadBody(writer, schemas);
    readers.set(writer, read);
    return read;
  };
  return async (value) => {
    if (value.length < HEADER_BYTES || value.readUInt8(0) !== MAGIC_BYTE)
      throw unreadable('The message is not in the wire format of a schema registry.');
    const writer = await registry.schemaOf(value.readUInt32BE(1));
    try {
      return readerOf(writer)(value.subarray(HEADER_BYTES));
    } catch {
      throw unreadable('The bytes do not match the schema of the message, or that schema is not compatible with ours.');
    }
  };
};

export const makeEventCodec = (deps: Deps) => ({ encode: makeEncode(deps), decode: makeDecode(deps) });

export type EventCodec = ReturnType<typeof makeEventCodec>;
