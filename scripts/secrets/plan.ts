// What has to be added to the Secrets of a namespace. compose/secrets.ts says which secrets there are and generates them.

import { missingSecrets, type Places, type Stored } from '../../compose/secrets.ts';

/** The readers that the chart user-service deploys. The servers have their passwords from elsewhere. */
const placesOf = (name: string): Places => ({ api: name, events: name, migrations: migrationSecret(name) });

export const migrationSecret = (name: string): string => `${name}-migration`;

/** Passwords that are needed with a user name only: never generated. */
const ONLY_GIVEN = ['kafka_password', 'schema_registry_password'];
const OF_SERVICE = [
  'postgres_password',
  'auth_signing_keys',
  'auth_clients',
  'redis_password',
  'http_management_token',
  ...ONLY_GIVEN,
];
const OF_MIGRATIONS = ['postgres_migration_password', ...ONLY_GIVEN];

/** The keys that a file can be given for. */
export const GIVEN_KEYS: readonly string[] = [...new Set([...OF_SERVICE, ...OF_MIGRATIONS])];

export type Plan = {
  /** Keys with their texts, by Secret. */
  readonly added: Stored;
  /** Names only, by Secret. */
  readonly kept: ReadonlyMap<string, readonly string[]>;
  /** Keys that were given and exist with another text. */
  readonly different: readonly string[];
};

const pick = (given: ReadonlyMap<string, string>, keys: readonly string[]): Record<string, string> =>
  Object.fromEntries([...given].filter(([key]) => keys.includes(key)));

/**
 * @param stored the present content of the two Secrets; an absent one is empty
 * @param given texts from files, which are not generated
 */
export const planSecrets = (name: string, stored: Stored, given: ReadonlyMap<string, string>): Plan => {
  const present = new Map(Object.entries(stored));
  const wanted = [
    [name, pick(given, OF_SERVICE)],
    [migrationSecret(name), pick(given, OF_MIGRATIONS)],
  ] as const;
  const complete = Object.fromEntries(wanted.map(([secret, texts]) => [secret, { ...texts, ...present.get(secret) }]));
  const missing = new Map(Object.entries(missingSecrets(placesOf(name), complete)));
  const added = wanted.map(([secret, texts]) => {
    const own = present.get(secret) ?? {};
    const fromFiles = Object.entries(texts).filter(([key]) => !Object.hasOwn(own, key));
    return [secret, { ...Object.fromEntries(fromFiles), ...missing.get(secret) }] as const;
  });
  const differs = ([secret, texts]: (typeof wanted)[number]): string[] => {
    const own = new Map(Object.entries(present.get(secret) ?? {}));
    return Object.entries(texts).flatMap(([key, text]) => (own.has(key) && own.get(key) !== text ? [key] : []));
  };
  return {
    added: Object.fromEntries(added.filter(([, texts]) => Object.keys(texts).length > 0)),
    kept: new Map(wanted.map(([secret]) => [secret, Object.keys(present.get(secret) ?? {})])),
    different: [...new Set(wanted.flatMap(differs))],
  };
};
