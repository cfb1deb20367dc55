// A setting is a TypeBox schema that also holds its variable and description. Loading, error report and documentation all use it.

import { Type, type TArray, type TSchema, type TString } from 'typebox';

/** What each setting holds beside its type. */
export type Setting = {
  readonly type?: string;
  /** Of a text: a regular expression for the whole value, which the Helm chart checks as well. */
  readonly pattern?: string;
  /** The environment variable. */
  readonly env: string;
  readonly description: string;
  /** Without a default the setting is required, except for an optional secret. */
  readonly default?: string | number | boolean | readonly string[];
  /** Describes a valid value; follows "must be". */
  readonly expected: string;
  readonly secret: boolean;
  readonly optional: boolean;
  /** The variable holds the path of a file, and the setting is what the file contains. */
  readonly file?: true;
  /** Of a text: what is wrong with it, more closely than `expected`, and without quoting it. */
  readonly explain?: (text: string) => string | undefined;
  /** Of a secret or a file: its content from its text. Throws a CodedError when it is not valid. */
  readonly parse?: (text: string, deployment: string) => unknown;
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

type AboutText = { pattern?: string; expected?: string; explain?: (text: string) => string | undefined };

/** `pattern` has to match the whole value; `expected` describes it. */
export const text = (env: string, about: About<string> & AboutText): TString =>
  Type.String({
    maxLength: 1024,
    ...about,
    ...described(env, about.expected ?? 'text of at most 1024 characters'),
  });

/** An authority without user information: the text before the first slash. A backslash would count as a slash. */
const URL_PATTERN = String.raw`^https?://[^\s/?#@\\]+(?:/[^\s?#@\\]*)?$`;

/** An http(s) URL that holds no credentials: those are secrets, and have settings of their own. */
export const url = (env: string, about: About<string> & { pattern?: string; expected?: string }) =>
  Type.Refine(
    text(env, {
      pattern: URL_PATTERN,
      expected: 'an http(s) URL without user information, query or fragment',
      ...about,
    }),
    (value) => value === about.default || URL.canParse(value),
  );

const HOST = String.raw`[\w.-]+|[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F:.]*(?:%[\w.-]+)?`;

/** A host name or an IP address, without a port and without anything else that belongs to a URL. */
export const host = (env: string, about: About<string>): TString =>
  text(env, { pattern: `^(?:${HOST})$`, expected: 'a host name or an IP address', ...about });

/** A host as above, or the directory of a Unix socket. */
export const hostOrSocket = (env: string, about: About<string>): TString =>
  text(env, {
    pattern: String.raw`^(?:${HOST}|/[^\s?#@]*)$`,
    expected: 'a host name, an IP address or the directory of a socket',
    ...about,
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

/** `deployment` is DD_ENV. */
type Parse<T> = (text: string, deployment: string) => T;

type AboutSecret<T> = { readonly description: string; readonly default?: string; readonly parse?: Parse<T> };

/** `refresh` reads the file at once; without that, a value may be a second old. */
type ReRead<T> = (() => T) & { readonly refresh?: () => void };

const secretSetting = <T>(env: string, about: AboutSecret<T>, optional: boolean) =>
  Type.Unsafe<ReRead<T>>({ ...about, ...described(env, 'a readable, non-empty file'), secret: true, optional });

/**
 * A value from a file. It is a function because the file may change while the process runs.
 * `parse` checks the text and returns the value; a text that it rejects is never used. Default: the text.
 */
export const secret = <T = string>(env: string, about: AboutSecret<T>) => secretSetting(env, about, false);

export const optionalSecret = <T = string>(env: string, about: Omit<AboutSecret<T>, 'default'>) =>
  Type.Optional(secretSetting<T>(env, about, true));

/** The content of a public file that the variable names, as a function. Empty: no file. */
export const file = <T>(env: string, about: { description: string; expected: string; parse: (text: string) => T }) =>
  Type.Optional(Type.Unsafe<() => T>({ default: '', ...about, ...described(env, about.expected), file: true }));

/** A group of settings: an object schema, with a setting per property. */
export type Section = { readonly properties: Record<string, TSchema> };

/** The settings of a section, by property name. */
export const settingsOf = (section: Section): [string, Setting][] =>
  Object.entries(section.properties) as [string, Setting][];

/** The file of a secret in SECRETS_DIR: `postgres_password` for `POSTGRES_PASSWORD`. */
export const secretFileName = (setting: Setting): string => setting.env.toLowerCase();
