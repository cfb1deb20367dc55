// Schema ids from the registry. Look-ups are cached without expiry, so an outage of the registry does not affect a process that has them.
// Never registers: that is a deployment step (register-schemas.ts), not a side effect of publishing.

import { SchemaType, type SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import avro, { type Type } from 'avsc';

import { MessagingError } from '../messaging/messaging-error.ts';
import { withDeadline } from '../resilience/deadline.ts';
import type { SchemaIds } from './codec.ts';
import { makeLookupCache } from './lookup-cache.ts';
import { isNotFound, isWithoutSchema, makeRegistryClient, type RegistrySettings } from './registry-client.ts';
import type { EventSchema, EventSchemas } from './schemas.ts';

type Options = RegistrySettings & {
  readonly schemas: EventSchemas;
  /** Called before each look-up that is not cached, which fails with what it throws. */
  readonly beforeLookUp?: (() => Promise<void>) | undefined;
  /** Milliseconds of a monotonic clock, for the cache. */
  readonly now?: () => number;
};

const OUTAGE_TTL_MS = 500;
const UNKNOWN_ID_TTL_MS = 10_000;

const unavailable = (message: string, cause?: unknown): MessagingError =>
  new MessagingError('REGISTRY_UNAVAILABLE', message, { cause });

const isTransient = (error: unknown): boolean => error instanceof MessagingError && error.isTransient;

const failureTtlMs = (error: unknown): number => (isTransient(error) ? OUTAGE_TTL_MS : UNKNOWN_ID_TTL_MS);

const asText = (schema: unknown) => ({ type: SchemaType.AVRO, schema: JSON.stringify(schema) }) as const;

/** The id of exactly our newest schema, whatever the subject's latest version is. */
const makeLookUpId = (client: SchemaRegistry, { byType }: EventSchemas) => {
  return async (type: string): Promise<number> => {
    const event = byType.get(type);
    if (event === undefined)
      throw new MessagingError('EVENT_UNENCODABLE', 'There is no schema for this type of event.');
    try {
      const id: unknown = await client.getRegistryIdBySchema(event.subject, asText(event.versions.at(-1)));
      if (typeof id === 'number') return id;
      throw new Error('the response has no id');
    } catch (cause) {
      const message = isNotFound(cause)
        ? 'The schema of the event is not registered yet: run `migrate schemas`.'
        : 'The schema registry did not respond.';
      throw unavailable(message, cause);
    }
  };
};

const makeLookUpSchema = (
  client: SchemaRegistry,
  lookUpId: (type: string) => Promise<number>,
  { byType }: EventSchemas,
) => {
  /** A missing schema counts as missing only if the registry has ours: a registry that lost its data, or a proxy, responds with 404 as well. */
  const confirmHasOurs = async ([event]: readonly EventSchema[]): Promise<void> => {
    if (event !== undefined) await lookUpId(event.type);
  };
  return async (id: number): Promise<Type> => {
    try {
      const schema: unknown = await client.getSchema(id);
      if (avro.Type.isType(schema, 'record')) return schema as Type;
    } catch (cause) {
      if (!isWithoutSchema(cause)) throw unavailable('The schema registry did not respond.', cause);
    }
    await confirmHasOurs([...byType.values()]);
    throw new MessagingError('MESSAGE_UNREADABLE', 'No Avro record has the schema id of the message.');
  };
};

export const makeSchemaRegistry = ({ schemas, now, beforeLookUp, ...settings }: Options) => {
  const client = makeRegistryClient(settings);
  const lookUpId = makeLookUpId(client, schemas);
  const lookUpSchema = makeLookUpSchema(client, lookUpId, schemas);

  const inTime = <K, V>(uncached: (key: K) => Promise<V>) => {
    const lookUp = (key: K): Promise<V> =>
      beforeLookUp === undefined ? uncached(key) : beforeLookUp().then(() => uncached(key));
    return (key: K): Promise<V> =>
      withDeadline(settings.timeoutMs, lookUp(key)).catch((cause: unknown) => {
        throw cause instanceof MessagingError
          ? cause
          : unavailable('The schema registry did not respond in time.', cause);
      });
  };
  const caching = { failureTtlMs, ...(now && { now }) };
  const idOf = makeLookupCache({ ...caching, lookUp: inTime(lookUpId) });
  const lookUp = makeLookupCache({ ...caching, lookUp: inTime(lookUpSchema) });
  /** Ids that a message waits for. */
  const missing = new Set<number>();

  const schemaOf = async (id: number): Promise<Type> => {
    try {
      const schema = await lookUp(id);
      missing.delete(id);
      return schema;
    } catch (error) {
      if (isTransient(error)) missing.add(id);
      else missing.delete(id);
      throw error;
    }
  };
  const findMissing = async (): Promise<void> => {
    for (const id of missing)
      await schemaOf(id).catch((error: unknown) => {
        if (isTransient(error)) throw error;
      });
  };

  return {
    idOf,
    schemaOf,
    /** For readiness: rejects until every schema that this release writes was found, and while a message waits for another schema. */
    check: async (): Promise<void> => {
      await Promise.all([...schemas.byType.keys()].map(idOf));
      await findMissing();
    },
  } satisfies SchemaIds & { check(): Promise<void> };
};
