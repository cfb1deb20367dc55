// Brings the registry to what api-specs/events says: first the rule of each subject, then its versions in order. May run again at any time,
// beside others, and after it ended halfway.

import { SchemaType, type SchemaRegistry } from '@kafkajs/confluent-schema-registry';

import type { Fault } from '../errors/coded-error.ts';
import { MessagingError } from '../messaging/messaging-error.ts';
import type { EventSchema, EventSchemas, RawSchema } from './schemas.ts';
import { isNotFound, isRefused, makeRegistryClient, type RegistrySettings } from './registry-client.ts';
import { withDeadline } from '../resilience/deadline.ts';

type Options = RegistrySettings & {
  readonly schemas: EventSchemas;
  /** Told what was done, a sentence per version. */
  readonly report: (line: string) => void;
};

type Setting = { readonly subject: string; readonly compatibility: string };

const authorization = ({ username, password }: RegistrySettings): Record<string, string> => {
  if (username === '') return {};
  const credentials = Buffer.from([username, password?.() ?? ''].join(':')).toString('base64');
  return { authorization: `Basic ${credentials}` };
};

const CONFLICT = 409;

/**
 * Not through the library: it sets the rule after the first version, and only where the registry has none for all. Two deployments at the same
 * time may be told of a conflict: then the rule is there a moment later.
 */
const setCompatibility = async (settings: RegistrySettings, setting: Setting, attempts = 3): Promise<void> => {
  const { subject, compatibility } = setting;
  const answer = await fetch(`${settings.url.replace(/\/$/, '')}/config/${encodeURIComponent(subject)}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json', ...authorization(settings) },
    body: JSON.stringify({ compatibility }),
    signal: AbortSignal.timeout(settings.timeoutMs),
  });
  await answer.body?.cancel();
  if (answer.status === CONFLICT && attempts > 1) return setCompatibility(settings, setting, attempts - 1);
  if (!answer.ok) throw new Error(`the registry answered ${answer.status} to the rule of ${subject}`);
};

const registerVersion = async (client: SchemaRegistry, raw: RawSchema, { subject, compatibility }: Setting) => {
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
  const why = error instanceof Error && error.cause instanceof Error ? error.cause : error; // fetch hides its reason there
  const because = why instanceof Error ? why.message : 'no reason given';
  const faults: Fault[] = [{ pointer: '', detail: `${what}: ${because}` }];
  return isRefused(error)
    ? new MessagingError('MESSAGE_REFUSED', 'The schema registry refuses a schema.', { cause: error, faults })
    : new MessagingError('REGISTRY_UNAVAILABLE', 'The schema registry could not be brought up to date.', {
        cause: error,
        faults,
      });
};

const registerEvent = async (client: SchemaRegistry, event: EventSchema, options: Options): Promise<void> => {
  const { report, schemas, timeoutMs } = options;
  const setting = { subject: event.subject, compatibility: schemas.policy.compatibility };
  const inTime = <T>(what: string, work: Promise<T>): Promise<T> =>
    withDeadline(timeoutMs, work).catch((error: unknown) => {
      throw toMessagingError(error, what);
    });
  await inTime(event.subject, setCompatibility(options, setting));
  for (const [index, raw] of event.versions.entries()) {
    const what = `${event.subject} v${index + 1}`;
    const { id, isNew } = await inTime(what, registerVersion(client, raw, setting));
    report(`${isNew ? 'registered' : 'already there:'} ${what} (id ${id})`);
  }
};

/**
 * @throws MessagingError REGISTRY_UNAVAILABLE, or MESSAGE_REFUSED when a version breaks the rule of its subject; `faults` name the subject and
 * give the registry's reason
 */
export const registerSchemas = async (options: Options): Promise<void> => {
  const client = makeRegistryClient(options);
  for (const event of options.schemas.byType.values()) await registerEvent(client, event, options);
};
