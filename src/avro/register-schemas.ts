// Registers the schemas of api-specs/events: for each subject its compatibility level, then its versions in order. Idempotent; may run concurrently
// and after an interrupted run.

import { SchemaType, type SchemaRegistry } from '@kafkajs/confluent-schema-registry';

import type { Fault } from '../errors/coded-error.ts';
import { MessagingError } from '../messaging/messaging-error.ts';
import { withDeadline } from '../resilience/deadline.ts';
import { isNotFound, isRejected, makeRegistryClient, type RegistrySettings } from './registry-client.ts';
import type { EventSchema, EventSchemas, RawSchema } from './schemas.ts';

type Options = RegistrySettings & {
  readonly schemas: EventSchemas;
  /** Called with one line per version. */
  readonly report: (line: string) => void;
};

type SubjectConfig = { readonly subject: string; readonly compatibility: string };

const authorization = ({ username, password }: RegistrySettings): Record<string, string> => {
  if (username === '') return {};
  const credentials = Buffer.from([username, password?.() ?? ''].join(':')).toString('base64');
  return { authorization: `Basic ${credentials}` };
};

const CONFLICT = 409;

/**
 * Not with the library: it sets the compatibility after the first version, and only where the registry has no global one. The registry may report a
 * conflict to concurrent deployments: then a retry succeeds.
 */
const setCompatibility = async (settings: RegistrySettings, config: SubjectConfig, attempts = 3): Promise<void> => {
  const { subject, compatibility } = config;
  const response = await fetch(`${settings.url.replace(/\/$/, '')}/config/${encodeURIComponent(subject)}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json', ...authorization(settings) },
    body: JSON.stringify({ compatibility }),
    signal: AbortSignal.timeout(settings.timeoutMs),
  });
  await response.body?.cancel();
  if (response.status === CONFLICT && attempts > 1) return setCompatibility(settings, config, attempts - 1);
  if (!response.ok) throw new Error(`the registry responded ${response.status} to the compatibility of ${subject}`);
};

const registerVersion = async (client: SchemaRegistry, raw: RawSchema, { subject, compatibility }: SubjectConfig) => {
  const schema = { type: SchemaType.AVRO, schema: JSON.stringify(raw) } as const;
  try {
    return { id: await client.getRegistryIdBySchema(subject, schema), isNew: false };
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  const { id } = await client.register(schema, { subject, compatibility: compatibility as never });
  return { id, isNew: true };
};

const toMessagingError = (error: unknown, what: string): MessagingError => {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error; // the reason of a fetch error
  const detail = reason instanceof Error ? reason.message : 'no reason given';
  const faults: Fault[] = [{ pointer: '', detail: `${what}: ${detail}` }];
  return isRejected(error)
    ? new MessagingError('MESSAGE_REFUSED', 'The schema registry rejected a schema.', { cause: error, faults })
    : new MessagingError('REGISTRY_UNAVAILABLE', 'The schemas could not be registered.', {
        cause: error,
        faults,
      });
};

const registerEvent = async (client: SchemaRegistry, event: EventSchema, options: Options): Promise<void> => {
  const { report, schemas, timeoutMs } = options;
  const config = { subject: event.subject, compatibility: schemas.policy.compatibility };
  const inTime = <T>(what: string, work: Promise<T>): Promise<T> =>
    withDeadline(timeoutMs, work).catch((error: unknown) => {
      throw toMessagingError(error, what);
    });
  await inTime(event.subject, setCompatibility(options, config));
  for (const [index, raw] of event.versions.entries()) {
    const what = `${event.subject} v${index + 1}`;
    const { id, isNew } = await inTime(what, registerVersion(client, raw, config));
    report(`${isNew ? 'registered' : 'already registered:'} ${what} (id ${id})`);
  }
};

/**
 * @throws MessagingError REGISTRY_UNAVAILABLE, or MESSAGE_REFUSED when a version is not compatible; `faults` have the subject and the registry's
 * reason
 */
export const registerSchemas = async (options: Options): Promise<void> => {
  const client = makeRegistryClient(options);
  for (const event of options.schemas.byType.values()) await registerEvent(client, event, options);
};
