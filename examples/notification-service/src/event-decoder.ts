// Avro in the wire format of schema registries: a zero byte, four bytes of schema id, the body. It is decoded with the writer's schema: unknown
// fields are ignored, and events.ts validates the fields that are used.
// https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format

import avro, { type Schema, type Type } from 'avsc';

import { NotificationError, unavailable } from './errors.ts';
import type { DecodedEvent } from './events.ts';

type Options = {
  /** Base URL of a Confluent-compatible API. */
  readonly registryUrl: string;
  /** Of one request. */
  readonly timeoutMs: number;
};

const MAGIC_BYTE = 0;
const HEADER_BYTES = 5;

/** Without a cause: error messages of the library quote values. */
const unreadable = (message: string): NotificationError => new NotificationError('MESSAGE_UNREADABLE', message);

/** `user_service.events.OrderConfirmed` → `OrderConfirmed` */
const shortName = ({ name = '' }: Type): string => name.slice(name.lastIndexOf('.') + 1);

export const makeDecodeEvent = ({ registryUrl, timeoutMs }: Options) => {
  const cache = new Map<number, Type>();

  const load = async (id: number): Promise<Type> => {
    const response = await fetch(`${registryUrl}/schemas/ids/${id}`, { signal: AbortSignal.timeout(timeoutMs) }).catch(
      (cause: unknown) => {
        throw unavailable('The schema registry could not be reached.', cause);
      },
    );
    if (response.status === 404) throw unreadable('The schema id of the message is unknown to the registry.');
    try {
      const { schema } = (await response.json()) as { schema: string };
      return avro.Type.forSchema(JSON.parse(schema) as Schema);
    } catch (cause) {
      throw unavailable('The schema registry did not return a schema.', cause);
    }
  };

  const schemaOf = async (id: number): Promise<Type> => {
    const schema = cache.get(id) ?? (await load(id));
    cache.set(id, schema);
    return schema;
  };

  /** @throws NotificationError MESSAGE_UNREADABLE | DEPENDENCY_UNAVAILABLE */
  return async (value: Buffer): Promise<DecodedEvent> => {
    if (value.length < HEADER_BYTES || value.readUInt8(0) !== MAGIC_BYTE)
      throw unreadable('The message is not in the wire format of a schema registry.');
    const schema = await schemaOf(value.readUInt32BE(1));
    try {
      const payload = schema.fromBuffer(value.subarray(HEADER_BYTES)) as DecodedEvent['payload'];
      return { type: shortName(schema), payload };
    } catch {
      throw unreadable('The message does not match its schema.');
    }
  };
};

export type DecodeEvent = ReturnType<typeof makeDecodeEvent>;
