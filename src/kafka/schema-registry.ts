// The registry behind its small port. What was looked up once is never asked for again, so a registry that goes down stops nobody who is warm.
// It only looks up: registering is a step of the deployment (register-schemas.ts), never a side effect of publishing.

import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import type { Type } from 'avsc';
import { LRUCache } from 'lru-cache';

import { MessagingError } from '../errors/messaging-error.ts';
import type { SchemaIds } from './event-codec.ts';
import type { EventSchemas } from './event-schemas.ts';
import { within } from './within.ts';

export type RegistrySettings = {
  /** Of the Confluent-compatible API. */
  readonly url: string;
  /** Empty: no authentication. */
  readonly username: string;
  /** Asked for each new client, so that a rotated password is used without a restart. */
  readonly password?: (() => string) | undefined;
  /** For one answer. */
  readonly timeoutMs: number;
};

const UNKNOWN_ID_TTL_MS = 10_000;
const MAX_UNKNOWN_IDS = 1000;

const unavailable = (message: string, cause?: unknown): MessagingError =>
  new MessagingError('REGISTRY_UNAVAILABLE', message, { cause });

const isNotFound = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'status' in error && error.status === 404;

/** The library retries by itself unless told otherwise, and waits for ever: here each request has its time, and is made once. */
export const makeRegistryClient = ({ url, username, password, timeoutMs }: RegistrySettings): SchemaRegistry =>
  new SchemaRegistry({
    host: url,
    clientId: 'user-service',
    retry: { retries: 0 },
    ...(username !== '' && { auth: { username, password: password?.() ?? '' } }),
    middlewares: [
      () => ({
        prepareRequest: async (next) => (await next()).enhance({ timeout: timeoutMs }),
        response: (next) => next(),
      }),
    ],
  });

/** Calls for the same thing share one request; a failure is forgotten, a success is kept. */
const makeKept = <K, V>(load: (key: K) => Promise<V>) => {
  const kept = new Map<K, Promise<V>>();
  return (key: K): Promise<V> => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const loading = load(key);
    kept.set(key, loading);
    loading.catch(() => kept.delete(key));
    return loading;
  };
};

export const makeSchemaRegistry = ({ schemas, ...settings }: RegistrySettings & { readonly schemas: EventSchemas }) => {
  const unknownIds = new LRUCache<number, true>({ max: MAX_UNKNOWN_IDS, ttl: UNKNOWN_ID_TTL_MS });
  const ask = <T>(question: (client: SchemaRegistry) => Promise<T>): Promise<T> =>
    within(settings.timeoutMs, question(makeRegistryClient(settings)));

  const idOf = makeKept(async (type: string): Promise<number> => {
    const event = schemas.byType.get(type);
    const schema = event?.versions.at(-1);
    if (event === undefined || schema === undefined) throw new Error(`There is no schema of ${type}.`);
    try {
      return await ask((client) => client.getRegistryIdBySchema(event.subject, schema as never));
    } catch (cause) {
      throw unavailable('The schema of an event could not be looked up, or is not registered yet.', cause);
    }
  });

  const schemaOf = makeKept(async (id: number): Promise<Type> => {
    const unknown = new MessagingError('MESSAGE_UNREADABLE', 'No schema has the id of the message.');
    if (unknownIds.has(id)) throw unknown;
    try {
      return (await ask((client) => client.getSchema(id))) as unknown as Type;
    } catch (cause) {
      if (!isNotFound(cause)) throw unavailable('The schema of a message could not be looked up.', cause);
      unknownIds.set(id, true);
      throw unknown;
    }
  });

  return {
    idOf,
    schemaOf,
    /** For readiness: whether every schema that this release writes is known here. Once it is, that needs no registry. */
    check: async (): Promise<void> => {
      await Promise.all([...schemas.byType.keys()].map(idOf));
    },
  } satisfies SchemaIds & { check(): Promise<void> };
};
