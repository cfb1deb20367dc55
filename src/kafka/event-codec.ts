// Avro in the wire format that registries share: a zero byte, four bytes of schema id, the body.
// https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format

import type { Type } from 'avsc';

import type { DecodeEvent } from '../consumers/ports.ts';
import { MessagingError } from '../errors/messaging-error.ts';
import type { EncodeEvent, EventPayload } from '../outbox/ports.ts';
import type { EventSchemas } from './event-schemas.ts';

/** Where ids and schemas are known; kafka/schema-registry.ts asks a registry, embedded/memory-schema-ids.ts has them. */
export type SchemaIds = {
  /**
   * The id of this release's newest schema of an event.
   * @throws MessagingError REGISTRY_UNAVAILABLE, also while the schema is not registered yet
   */
  idOf(type: string): Promise<number>;
  /**
   * The schema that a message was written with.
   * @throws MessagingError MESSAGE_UNREADABLE (no such id) | REGISTRY_UNAVAILABLE
   */
  schemaOf(id: number): Promise<Type>;
};

const MAGIC_BYTE = 0;
const HEADER_BYTES = 5;

const withHeader = (id: number, body: Buffer): Buffer => {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(MAGIC_BYTE, 0);
  header.writeUInt32BE(id, 1);
  return Buffer.concat([header, body]);
};

/** No cause: the library's messages quote values. */
const unencodable = (): MessagingError =>
  new MessagingError('EVENT_UNENCODABLE', 'The event does not fit the schema of its type.');
const unreadable = (message: string): MessagingError => new MessagingError('MESSAGE_UNREADABLE', message);

/** `user_service.events.OrderPlaced` → `OrderPlaced` */
const shortName = (type: Type): string => type.name?.split('.').at(-1) ?? '';

export const makeEventCodec = ({ schemas, registry }: { schemas: EventSchemas; registry: SchemaIds }) => {
  /** How to read a writer's bytes with our own schema, by the writer's id. */
  const readers = new Map<number, (body: Buffer) => EventPayload>();

  const makeReader = (writer: Type): ((body: Buffer) => EventPayload) => {
    const ours = schemas.byType.get(shortName(writer))?.newest;
    if (ours === undefined) return (body) => writer.fromBuffer(body) as EventPayload;
    try {
      const resolver = ours.createResolver(writer);
      return (body) => ours.fromBuffer(body, resolver) as EventPayload;
    } catch {
      throw unreadable('The schema of the message can not be read with ours.');
    }
  };

  const readerOf = (id: number, writer: Type): ((body: Buffer) => EventPayload) => {
    const known = readers.get(id) ?? makeReader(writer);
    readers.set(id, known);
    return known;
  };

  const encode: EncodeEvent = async (type, payload) => {
    const schema = schemas.byType.get(type)?.newest;
    if (schema?.isValid(payload, { noUndeclaredFields: true }) !== true) throw unencodable();
    return withHeader(await registry.idOf(type), schema.toBuffer(payload));
  };

  const decode: DecodeEvent = async (value) => {
    if (value.length < HEADER_BYTES || value.readUInt8(0) !== MAGIC_BYTE)
      throw unreadable('The message is not in the wire format of a schema registry.');
    const id = value.readUInt32BE(1);
    const writer = await registry.schemaOf(id);
    const read = readerOf(id, writer);
    try {
      return { type: shortName(writer), payload: read(value.subarray(HEADER_BYTES)) };
    } catch {
      throw unreadable('The bytes do not fit the schema of the message.');
    }
  };

  return { encode, decode };
};

export type EventCodec = ReturnType<typeof makeEventCodec>;
