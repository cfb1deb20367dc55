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

const isTransient = (error: unknown): boolean => error instanceof NotificationError && error.isTransient;

/** Schemas by id. They never change, so each is requested once, and a registry that is down matters only for the others. */
export const makeSchemas = ({ registryUrl, timeoutMs }: Options) => {
  const cache = new Map<number, Type>();
  /** Ids that a message waits for. */
  const missing = new Set<number>();
  let wasUp = false;

  const request = (path: string): Promise<Response> =>
    fetch(`${registryUrl}${path}`, { signal: AbortSignal.timeout(timeoutMs) }).catch((cause: unknown) => {
      throw unavailable('The schema registry could not be reached.', cause);
    });

  const load = async (id: number): Promise<Type> => {
    const response = await request(`/schemas/ids/${id}`);
    if (response.status === 404) throw unreadable('The schema id of the message is unknown to the registry.');
    try {
      const { schema } = (await response.json()) as { schema: string };
      return avro.Type.forSchema(JSON.parse(schema) as Schema);
    } catch (cause) {
      throw unavailable('The schema registry did not return a schema.', cause);
    }
  };

  const find = async (id: number): Promise<Type> => {
    const schema = cache.get(id) ?? (await load(id));
    cache.set(id, schema);
    return schema;
  };

  /** @throws NotificationError MESSAGE_UNREADABLE | DEPENDENCY_UNAVAILABLE */
  const schemaOf = async (id: number): Promise<Type> => {
    try {
      const schema = await find(id);
      missing.delete(id);
      return schema;
    } catch (error) {
      if (isTransient(error)) missing.add(id);
      else missing.delete(id);
      throw error;
    }
  };

  return {
    schemaOf,
    /** Rejects until the registry has responded once, and while a message waits for a schema. */
    check: async (): Promise<void> => {
      if (!wasUp && !(await request('/schemas/types')).ok) throw unavailable('The schema registry is not ready.');
      wasUp = true;
      for (const id of missing)
        await schemaOf(id).catch((error: unknown) => {
          if (isTransient(error)) throw error;
        });
    },
  };
};

export const makeDecodeEvent = ({ schemaOf }: { readonly schemaOf: (id: number) => Promise<Type> }) => {
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
