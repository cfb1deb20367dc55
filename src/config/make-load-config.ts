// The mechanism: reads sections of settings from an environment and from secret files. Which settings there are is its caller's, see schema.ts.

import type { Static, TSchema, TString } from 'typebox';
import { ConfigError, type ConfigFault, type Reading } from './config-error.ts';
import { variable, type Environment } from './environment.ts';
import { readNamedFile, readSecret, type SecretSource } from './read-secret.ts';
import { hasUserInformation, readSetting } from './read-setting.ts';
import { brokenRules, type Rule } from './rule.ts';
import { settingsOf, type Section, type Setting } from './setting.ts';
import { prefixesOf, unknownVariables } from './unknown-variables.ts';

/** Settings in named groups. Two of `service` are needed to read the others, so it is always loaded. */
type Sections = Readonly<Record<string, Section>> & {
  readonly service: { readonly properties: { readonly env: TString; readonly secretsDir: TString } };
};

/** The values of the sections `N`, e.g. `config.http.port`. A secret is a function that returns its newest text. */
export type ConfigOf<S extends Record<string, TSchema>, N extends keyof S> = {
  readonly [K in N]: Readonly<Static<S[K]>>;
};

type Tables<S> = {
  readonly sections: S;
  readonly rules?: readonly Rule[];
  readonly urlsOfOthers?: readonly string[];
};

type Read = { readonly section: string; readonly property: string; readonly env: string; readonly reading: Reading };
type Valid = Omit<Read, 'reading'> & { readonly value: unknown };

const knownNames = (sections: Sections): string[] =>
  Object.values(sections)
    .flatMap((section) => settingsOf(section))
    .flatMap(([, { env, secret }]) => (secret ? [env, `${env}_FILE`] : [env]));

const secretSource = (env: Environment, { properties }: Sections['service']): SecretSource => {
  const textOf = (schema: TString): string => {
    const setting = schema as unknown as Setting;
    return variable(env, setting.env) ?? String(setting.default);
  };
  return { env, deployment: textOf(properties.env), secretsDir: textOf(properties.secretsDir) };
};

const readOne = (setting: Setting, source: SecretSource): Reading => {
  if (setting.secret) return readSecret(setting, source);
  const text = variable(source.env, setting.env);
  return setting.file ? readNamedFile(setting, text, source.deployment) : readSetting(setting, text);
};

const readSections = (sections: Sections, names: readonly string[], source: SecretSource): Read[] =>
  Object.entries(sections)
    .filter(([section]) => section === 'service' || names.includes(section))
    .flatMap(([section, schema]) =>
      settingsOf(schema).map(([property, setting]) => ({
        section,
        property,
        env: setting.env,
        reading: readOne(setting, source),
      })),
    );

/** Faults by variable: sections may share a setting, whose fault is reported once. */
const faultsOf = (reads: readonly Read[]): ConfigFault[] => [
  ...new Map(reads.flatMap(({ reading }) => ('detail' in reading ? [[reading.env, reading]] : []))).values(),
];

/** An optional setting without a value is left out of the config. */
const valuesOf = (reads: readonly Read[]): Valid[] =>
  reads.flatMap(({ reading, ...read }) =>
    'value' in reading && reading.value !== undefined ? [{ ...read, value: reading.value }] : [],
  );

const nest = (values: readonly Valid[]): object =>
  Object.fromEntries(
    [...Map.groupBy(values, ({ section }) => section)].map(([section, settings]) => [
      section,
      Object.fromEntries(settings.map(({ property, value }) => [property, value])),
    ]),
  );

const credentialsIn = (env: Environment, urls: readonly string[]): ConfigFault[] =>
  urls
    .filter((name) => hasUserInformation(variable(env, name) ?? ''))
    .map((name) => ({ env: name, detail: 'must not contain user information' }));

/**
 * The function that loads a config. `urlsOfOthers` are variables that libraries read. Its arguments: `env`, usually `environment()`, and the names of the sections to load
 * (default: all). It throws a ConfigError that holds every fault at once.
 */
export const makeLoadConfig =
  <S extends Sections>({ sections, rules = [], urlsOfOthers = [] }: Tables<S>) =>
  <const N extends keyof S & string = keyof S & string>(
    env: Environment,
    names: readonly N[] = Object.keys(sections) as N[],
  ): ConfigOf<S, N | 'service'> => {
    const reads = readSections(sections, names, secretSource(env, sections.service));
    const values = valuesOf(reads);
    const own = faultsOf(reads);
    const faulty = new Set(own.map((fault) => fault.env));
    const faults = [
      ...own,
      ...credentialsIn(env, urlsOfOthers),
      ...brokenRules(rules, new Map(values.map((setting) => [setting.env, setting.value])), faulty),
      ...unknownVariables(env, { known: knownNames(sections), prefixes: prefixesOf(sections) }),
    ];
    if (faults.length > 0) throw new ConfigError(faults);
    return nest(values) as ConfigOf<S, N | 'service'>;
  };
