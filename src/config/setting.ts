// A setting is a TypeBox schema that also holds its variable and description. Loading, error report and documentation all use it.

import { Type, type TArray, type TSchema, type TString } from 'typebox';

/** What each setting holds beside its type. */
export type Setting = {
  readonly type?: string;
  /** The environment variable. */
  readonly env: string;
  readonly description: string;
  /** Without a default the setting is required, except for an optional secret. */
  readonly default?: string | number | boolean | readonly string[];
  /** Describes a valid value; follows "must be". */
  readonly expected: string;
  readonly secret: boolean;
  readonly optional: boolean;
};

type About<T> = { readonly default: T; readonly description: string };
type Range = { readonly minimum: number; readonly maximum: number };

const described = (env: string, expected: string) => ({ env, expected, secret: false, optional: false });

export const integer = (env: string, about: About<number> & Range) =>
  Type.Integer({ ...about, ...described(env, `an integer from ${about.minimum} to ${about.maximum}`) });

export const flag = (env: string, about: About<boolean>) =>
  Type.Boolean({ ...about, ...described(env, 'true or false') });

export const choice = <const T extends string>(env: string, values: readonly T[], about: About<NoInfer<T>>) =>
  Type.Enum([...values], { ...about, ...described(env, `one of ${values.join(', ')}`) });

/** `pattern` has to match the whole value; `expected` describes it. */
export const text = (env: string, about: About<string> & { pattern?: string; expected?: string }): TString =>
  Type.String({
    maxLength: 1024,
    ...about,
    ...described(env, about.expected ?? 'text of at most 1024 characters'),
  });

/** Comma-separated; empty items are skipped. */
export const list = (
  env: string,
  about: { default?: string[]; description: string; expected: string; isItem: (item: string) => boolean },
): TArray<TString> =>
  Type.Array(
    Type.Refine(Type.String(), (item) => about.isItem(item)),
    { default: about.default ?? [], description: about.description, ...described(env, about.expected) },
  );

type Secret = () => string;
const secretSetting = (env: string, about: { description: string; default?: string }, optional: boolean) =>
  Type.Unsafe<Secret>({ ...about, ...described(env, 'a readable, non-empty file'), secret: true, optional });

/** A value from a file. It is a function because the file may change while the process runs. */
export const secret = (env: string, about: { description: string; default?: string }) =>
  secretSetting(env, about, false);

export const optionalSecret = (env: string, about: { description: string }) =>
  Type.Optional(secretSetting(env, about, true));

/** A group of settings: an object schema, with a setting per property. */
export type Section = { readonly properties: Record<string, TSchema> };

/** The settings of a section, by property name. */
export const settingsOf = (section: Section): [string, Setting][] =>
  Object.entries(section.properties) as [string, Setting][];

/** The file of a secret in SECRETS_DIR: `postgres_password` for `POSTGRES_PASSWORD`. */
export const secretFileName = (setting: Setting): string => setting.env.toLowerCase();
