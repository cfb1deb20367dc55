// Avro in the wire format of schema registries: a zero byte, four bytes of schema id, the body. Read with the writer's schema: what is new in it
// is ignored, what is needed of it is looked at in events.ts.
// https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format

import avro, { type Schema, type Type } from 'avsc';

import { NotificationError, unavailable } from './errors.ts';
import type { DecodedEvent } from './events.ts';

type Options = {
  /** Of the Confluent-compatible API. */
  readonly registryUrl: string;
  /** For one answer. */
  readonly timeoutMs: number;
};

const MAGIC_BYTE = 0;
const HEADER_BYTES = 5;

/** No cause: the library's messages quote values. */
const unreadable = (message: string): NotificationError => new NotificationError('MESSAGE_UNREADABLE', message);

/** `user_service.events.OrderConfirmed` → `OrderConfirmed` */
const shortName = ({ name = '' }: Type): string => name.slice(name.lastIndexOf('.') + 1);

export const makeDecodeEvent = ({ registryUrl, timeoutMs }: Options) => {
  const known = new Map<number, Type>();

  const load = async (id: number): Promise<Type> => {
    const answer = await fetch(`${registryUrl}/schemas/ids/${id}`, { signal: AbortSignal.timeout(timeoutMs) }).catch(
      (cause: unknown) => {
        throw unavailable('The schema registry does not answer.', cause);
      },
    );
    if (answer.status === 404) throw unreadable('No schema has the id of the message.');
    try {
      const { schema } = (await answer.json()) as { schema: string };
      return avro.Type.forSchema(JSON.parse(schema) as Schema);
    } catch (cause) {
      throw unavailable('The schema registry gave no schema.', cause);
    }
  };

  const schemaOf = async (id: number): Promise<Type> => {
    const schema = known.get(id) ?? (await load(id));
    known.set(id, schema);
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
      throw unreadable('The bytes do not fit the schema of the message.');
    }
  };
};

export type DecodeEvent = ReturnType<typeof makeDecodeEvent>;
