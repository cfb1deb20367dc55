// New random values in an encrypted file, and which servers have to learn them.

import { pathOf } from './encrypted-file.ts';
import type { Draft } from './draft.ts';
import { sops } from './programs.ts';
import { newValues, OF_SERVERS, OF_THE_SERVICE, sectionOf, type Values } from './values.ts';

/** The values reach sops through standard input: arguments are visible to every account of the machine. */
export const setNewValues = ({ root, path }: Draft, keys: readonly string[]): void => {
  const made = newValues();
  for (const key of keys) {
    const section = sectionOf(key);
    const text = new Map(Object.entries(made[section])).get(key); // eslint-disable-line security/detect-object-injection -- a section
    sops(['set', '--value-stdin', path, `["secrets"]["${section}"]["${key}"]`], path, {
      root,
      input: JSON.stringify(text),
    });
  }
};

const LOGINS = new Map([
  ['postgres_password', 'user_service_app_login'],
  ['postgres_migration_password', 'user_service_owner_login'],
]);

const extract = (environment: string, key: string): string =>
  `sops decrypt --extract '["secrets"]["${sectionOf(key)}"]["${key}"]' ${pathOf(environment)}`;

const stepOf = (environment: string, key: string): string[] => {
  const login = LOGINS.get(key);
  if (login !== undefined)
    return [
      `PostgreSQL needs the new ${key}. Enter in psql, as an administrator of the database:`,
      String.raw`  \set password ` + `\`${extract(environment, key)}\``,
      `  ALTER ROLE ${login} PASSWORD :'password';`,
    ];
  if (key === 'redis_password')
    return [`Redis needs the new redis_password: ${extract(environment, key)} | redis-cli -x CONFIG SET requirepass`];
  return [];
};

/** @returns lines: what else to do after new values of these keys; psql and redis-cli read the value, which is not printed */
export const serverSteps = (environment: string, keys: readonly string[]): string[] =>
  keys.flatMap((key) => stepOf(environment, key));

/** What a person who could decrypt the file knows, and what ends that. */
export const stillKnown = (environment: string, { values, migrationValues }: Values): string[] => {
  const keys = [...new Set([...Object.keys(values), ...Object.keys(migrationValues)])];
  const servers = OF_SERVERS.filter((key) => keys.includes(key));
  const options = servers.map((key) => `--new ${key}`).join(' ');
  const others = keys.filter((key) => !OF_SERVERS.includes(key) && !OF_THE_SERVICE.includes(key));
  const lines = [
    [servers, `npm run secrets -- rotate ${environment} ${options}`],
    [others, `new ones from the systems that have them, then npm run secrets -- edit ${environment}`],
  ] as const;
  return lines.flatMap(([known, what]) => (known.length === 0 ? [] : [`- ${known.join(', ')}: ${what}`]));
};
