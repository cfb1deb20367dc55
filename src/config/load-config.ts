// Reads the settings of the rooms that a process uses, once, before anything else starts.

import { ConfigError, type ConfigFault, type Reading } from './config-error.ts';
import { variable, type Environment } from './environment.ts';
import { readSecret, type SecretSource } from './read-secret.ts';
import { readSetting } from './read-setting.ts';
import { DEFAULT_ENV, DEFAULT_SECRETS_DIR } from './settings/service.ts';
import { brokenRules } from './rules.ts';
import { SECTIONS, type Config, type SectionName } from './schema.ts';
import { settingsOf, type Setting } from './setting.ts';
import { unknownVariables } from './unknown-variables.ts';

type Read = { readonly room: string; readonly property: string; readonly env: string; readonly reading: Reading };

const knownNames = (): string[] =>
  Object.values(SECTIONS)
    .flatMap((room) => settingsOf(room))
    .flatMap(([, { env, secret }]) => (secret ? [env, `${env}_FILE`] : [env]));

const readOne = (setting: Setting, source: SecretSource): Reading =>
  setting.secret ? readSecret(setting, source) : readSetting(setting, variable(source.env, setting.env));

/** Two settings are needed to read the others. */
const secretSource = (env: Environment): SecretSource => ({
  env,
  deployment: variable(env, 'DD_ENV') ?? DEFAULT_ENV,
  secretsDir: variable(env, 'SECRETS_DIR') ?? DEFAULT_SECRETS_DIR,
});

const readRooms = (env: Environment, rooms: readonly SectionName[]): Read[] =>
  Object.entries(SECTIONS)
    .filter(([room]) => room === 'service' || rooms.includes(room as SectionName))
    .flatMap(([room, schema]) =>
      settingsOf(schema).map(([property, setting]) => ({
        room,
        property,
        env: setting.env,
        reading: readOne(setting, secretSource(env)),
      })),
    );

/** Faults by variable: rooms may share a setting, its fault is told once. */
const faultsOf = (reads: readonly Read[]): ConfigFault[] => [
  ...new Map(reads.flatMap(({ reading }) => ('detail' in reading ? [[reading.env, reading]] : []))).values(),
];

type Valid = Omit<Read, 'reading'> & { readonly value: unknown };

/** What has a value; an optional setting that was not given is left out of the config altogether. */
const valuesOf = (reads: readonly Read[]): Valid[] =>
  reads.flatMap(({ reading, ...read }) =>
    'value' in reading && reading.value !== undefined ? [{ ...read, value: reading.value }] : [],
  );

const nest = (values: readonly Valid[]): object =>
  Object.fromEntries(
    [...Map.groupBy(values, ({ room }) => room)].map(([room, settings]) => [
      room,
      Object.fromEntries(settings.map(({ property, value }) => [property, value])),
    ]),
  );

/**
 * @param env usually `environment()`, or that with values of the caller's own on top
 * @param rooms the rooms to load; `service` is always one of them
 * @throws ConfigError with every fault at once
 */
export const loadConfig = <const R extends SectionName = SectionName>(
  env: Environment,
  rooms: readonly R[] = Object.keys(SECTIONS) as R[],
): Config<R | 'service'> => {
  const reads = readRooms(env, rooms);
  const values = valuesOf(reads);
  const faults = [
    ...faultsOf(reads),
    ...brokenRules(new Map(values.map((setting) => [setting.env, setting.value]))),
    ...unknownVariables(env, knownNames()),
  ];
  if (faults.length > 0) throw new ConfigError(faults);
  return nest(values) as Config<R | 'service'>;
};
