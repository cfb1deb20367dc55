// The decrypted values: what the service would refuse, and new random ones. No message contains a value.

import { parseDocument } from 'yaml';

import { missingSecrets } from '../../../compose/secrets.ts';
import { parseClients } from '../../../src/auth/clients.ts';
import { parseKeySet } from '../../../src/auth/tokens/key-set.ts';
import { CodedError } from '../../../src/errors/coded-error.ts';
import { parseCredentials } from '../../../src/postgres/credentials.ts';
import { SECTIONS } from './encrypted-file.ts';

export type Section = (typeof SECTIONS)[number];
export type Values = Readonly<Record<Section, Readonly<Record<string, string>>>>;

const OF_MESSAGING = ['kafka_password', 'schema_registry_password'];
const PASSWORDS: Readonly<Record<Section, readonly string[]>> = {
  values: ['postgres_password', 'postgres_credentials'],
  migrationValues: ['postgres_migration_password', 'postgres_migration_credentials'],
};
const KNOWN: Readonly<Record<Section, readonly string[]>> = {
  values: [
    ...PASSWORDS.values,
    'auth_signing_keys',
    'auth_clients',
    'redis_password',
    'http_management_token',
    ...OF_MESSAGING,
  ],
  migrationValues: [...PASSWORDS.migrationValues, ...OF_MESSAGING],
};
const REQUIRED: Readonly<Record<Section, readonly string[]>> = {
  values: ['auth_signing_keys', 'auth_clients'],
  migrationValues: [],
};

const PARSERS = new Map<string, (text: string) => unknown>([
  ['auth_signing_keys', parseKeySet],
  ['auth_clients', parseClients],
  ['postgres_credentials', parseCredentials],
  ['postgres_migration_credentials', parseCredentials],
]);

const valueFault = (section: Section, key: string, text: unknown): string | undefined => {
  if (!KNOWN[section].includes(key)) return `is unknown; known are ${KNOWN[section].join(', ')}`; // eslint-disable-line security/detect-object-injection -- a section
  if (typeof text !== 'string') return 'is not a text: write it in quotes';
  if (text.trim() === '') return 'is empty';
  if (text !== text.trim()) return 'begins or ends with a space or a line break';
  try {
    PARSERS.get(key)?.(text);
    return undefined;
  } catch (error) {
    return error instanceof CodedError ? error.message : 'is not valid';
  }
};

const sectionFaults = (section: Section, values: unknown): string[] => {
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    return [`secrets.${section} is not a mapping`];
  const keys = Object.keys(values);
  /* eslint-disable security/detect-object-injection -- the sections of this file */
  const missing = REQUIRED[section].filter((key) => !keys.includes(key));
  const hasPassword = PASSWORDS[section].some((key) => keys.includes(key));
  return [
    ...missing.map((key) => `secrets.${section}.${key} is missing`),
    ...(hasPassword ? [] : [`secrets.${section}.${PASSWORDS[section][0]} is missing`]),
    /* eslint-enable security/detect-object-injection */
    ...Object.entries(values).flatMap(([key, text]) => {
      const fault = valueFault(section, key, text);
      return fault === undefined ? [] : [`secrets.${section}.${key} ${fault}`];
    }),
  ];
};

type Content = { readonly secrets?: Readonly<Record<string, unknown>> | null } | null;

/** @param text the decrypted file. @returns one sentence for each fault */
export const valueFaults = (text: string): string[] => {
  const document = parseDocument(text);
  if (document.errors.length > 0) return [`it is not valid YAML (line ${document.errors[0]?.linePos?.[0].line ?? 1})`];
  const secrets = new Map(Object.entries((document.toJS() as Content)?.secrets ?? {}));
  return SECTIONS.flatMap((section) => sectionFaults(section, secrets.get(section)));
};

/** @param text a decrypted file without faults */
export const parseValues = (text: string): Values => (parseDocument(text).toJS() as { secrets: Values }).secrets;

/** Random values for everything that does not come from another system. */
export const newValues = (): Values => {
  const made = missingSecrets({ api: 'values', events: 'values', migrations: 'migrationValues' }, {});
  return { values: made.values ?? {}, migrationValues: made.migrationValues ?? {} };
};

/** Values that the service alone decides on: no other server has to learn them. */
export const OF_THE_SERVICE: readonly string[] = ['auth_signing_keys', 'http_management_token'];

/** Values that can be made here, though a server has to learn them. */
export const OF_SERVERS: readonly string[] = ['postgres_password', 'postgres_migration_password', 'redis_password'];

export const sectionOf = (key: string): Section =>
  PASSWORDS.migrationValues.includes(key) ? 'migrationValues' : 'values';
