// Brings the registry to what api-specs/events says: first the rule of each subject, then its versions in order. May run again at any time.

import { SchemaType } from '@kafkajs/confluent-schema-registry';

import { MessagingError } from '../errors/messaging-error.ts';
import type { EventSchema, EventSchemas } from './event-schemas.ts';
import { makeRegistryClient, type RegistrySettings } from './schema-registry.ts';

type Options = RegistrySettings & {
  readonly schemas: EventSchemas;
  /** Told what was done, a sentence per version. */
  readonly report: (line: string) => void;
};

const refused = (subject: string, version: number, cause: unknown): MessagingError =>
  new MessagingError('MESSAGE_REFUSED', `The registry refuses version ${version} of ${subject}.`, { cause });

const authorization = ({ username, password }: RegistrySettings): Record<string, string> => {
  if (username === '') return {};
  const credentials = Buffer.from([username, password?.() ?? ''].join(':')).toString('base64');
  return { authorization: `Basic ${credentials}` };
};

/** Not through the library: it sets the rule after the first version, and some registries have one for every subject by then. */
const setCompatibility = async (subject: string, compatibility: string, settings: RegistrySettings): Promise<void> => {
  const answer = await fetch(`${settings.url}/config/${encodeURIComponent(subject)}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json', ...authorization(settings) },
    body: JSON.stringify({ compatibility }),
    signal: AbortSignal.timeout(settings.timeoutMs),
  });
  if (!answer.ok) throw new Error(`the registry answered ${answer.status} to the rule of ${subject}`);
};

const registerEvent = async ({ subject, versions }: EventSchema, options: Options): Promise<void> => {
  const { compatibility } = options.schemas.policy;
  await setCompatibility(subject, compatibility, options);
  const client = makeRegistryClient(options);
  for (const [index, raw] of versions.entries()) {
    const schema = { type: SchemaType.AVRO, schema: JSON.stringify(raw) } as const;
    const known = await client.getRegistryIdBySchema(subject, schema).catch(() => undefined);
    const { id } =
      known === undefined
        ? await client.register(schema, { subject, compatibility: compatibility as never }).catch((cause: unknown) => {
            throw refused(subject, index + 1, cause);
          })
        : { id: known };
    options.report(`${known === undefined ? 'registered' : 'already there'}: ${subject} v${index + 1} (id ${id})`);
  }
};

/** @throws MessagingError REGISTRY_UNAVAILABLE | MESSAGE_REFUSED when a version breaks the rule of its subject */
export const registerSchemas = async (options: Options): Promise<void> => {
  for (const event of options.schemas.byType.values()) {
    try {
      await registerEvent(event, options);
    } catch (cause) {
      if (cause instanceof MessagingError) throw cause;
      throw new MessagingError('REGISTRY_UNAVAILABLE', 'The schema registry can not be reached.', { cause });
    }
  }
};
