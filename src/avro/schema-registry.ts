// The registry behind its small port. What was looked up once is never asked for again, so a registry that goes down stops nobody who is warm.
// It only looks up: registering is a step of the deployment (register-schemas.ts), never a side effect of publishing.

import { SchemaType, type SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import avro, { type Type } from 'avsc';

import { MessagingError } from '../messaging/messaging-error.ts';
import type { SchemaIds } from './codec.ts';
import type { EventSchema, EventSchemas } from './schemas.ts';
import { makeLookupCache } from './lookup-cache.ts';
import { isNotFound, isWithoutSchema, makeRegistryClient, type RegistrySettings } from './registry-client.ts';
import { withDeadline } from '../resilience/deadline.ts';

type Options = RegistrySettings & {
  readonly schemas: EventSchemas;
  /** Milliseconds of a clock that never goes back; for what is remembered only. */
  readonly now?: () => number;
};

const OUTAGE_TTL_MS = 500;
const UNKNOWN_ID_TTL_MS = 10_000;

const unavailable = (message: string, cause?: unknown): MessagingError =>
  new MessagingError('REGISTRY_UNAVAILABLE', message, { cause });

const keepFailureMs = (error: unknown): number =>
  error instanceof MessagingError && error.isTransient ? OUTAGE_TTL_MS : UNKNOWN_ID_TTL_MS;

const asText = (schema: unknown) => ({ type: SchemaType.AVRO, schema: JSON.stringify(schema) }) as const;

/** The id of exactly our newest schema, never of another one that happens to be the subject's latest. */
const makeLookUpId = (client: SchemaRegistry, { byType }: EventSchemas) => {
  return async (type: string): Promise<number> => {
    const event = byType.get(type);
    if (event === undefined)
      throw new MessagingError('EVENT_UNENCODABLE', 'There is no schema for this type of event.');
    try {
      const id: unknown = await client.getRegistryIdBySchema(event.subject, asText(event.versions.at(-1)));
      if (typeof id === 'number') return id;
      throw new Error('the answer has no id');
    } catch (cause) {
      const why = isNotFound(cause)
        ? 'The schema of the event is not registered yet: run `migrate schemas`.'
        : 'The schema registry did not answer.';
      throw unavailable(why, cause);
    }
  };
};

const makeLookUpSchema = (
  client: SchemaRegistry,
  lookUpId: (type: string) => Promise<number>,
  { byType }: EventSchemas,
) => {
  /** That there is no such schema is believed only of a registry that knows ours: one that lost its data says so too, or a proxy before it. */
  const confirmSane = async ([event]: readonly EventSchema[]): Promise<void> => {
    if (event !== undefined) await lookUpId(event.type);
  };
  return async (id: number): Promise<Type> => {
    try {
      const schema: unknown = await client.getSchema(id);
      if (avro.Type.isType(schema, 'record')) return schema as Type;
    } catch (cause) {
      if (!isWithoutSchema(cause)) throw unavailable('The schema registry did not answer.', cause);
    }
    await confirmSane([...byType.values()]);
    throw new MessagingError('MESSAGE_UNREADABLE', 'No Avro record has the schema id of the message.');
  };
};

export const makeSchemaRegistry = ({ schemas, now, ...settings }: Options) => {
  const client = makeRegistryClient(settings);
  const lookUpId = makeLookUpId(client, schemas);
  const lookUpSchema = makeLookUpSchema(client, lookUpId, schemas);

  const inTime = <K, V>(ask: (key: K) => Promise<V>) => {
    return (key: K): Promise<V> =>
      withDeadline(settings.timeoutMs, ask(key)).catch((cause: unknown) => {
        throw cause instanceof MessagingError
          ? cause
          : unavailable('The schema registry did not answer in time.', cause);
      });
  };
  const kept = { keepFailureMs, ...(now && { now }) };
  const idOf = makeLookupCache({ ...kept, ask: inTime(lookUpId) });
  const schemaOf = makeLookupCache({ ...kept, ask: inTime(lookUpSchema) });

  return {
    idOf,
    schemaOf,
    /** For readiness: whether every schema that this release writes is known here. Once it is, that needs no registry. */
    check: async (): Promise<void> => {
      await Promise.all([...schemas.byType.keys()].map(idOf));
    },
  } satisfies SchemaIds & { check(): Promise<void> };
};
