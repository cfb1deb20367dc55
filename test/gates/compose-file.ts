// Reads a Compose file as an engine does when no variable is set, for rules that need no engine.

import { parse } from 'yaml';

export type Service = {
  readonly image: string;
  readonly build?: unknown;
  readonly profiles?: readonly string[];
  readonly restart?: string;
  readonly ports?: readonly unknown[];
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly command?: readonly string[];
  readonly read_only?: boolean;
  readonly secrets?: readonly unknown[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly stop_grace_period?: string;
  readonly volumes?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly logging?: { readonly options?: { readonly 'max-size'?: string; readonly 'max-file'?: string } };
  readonly deploy?: { readonly resources?: { readonly limits?: { readonly memory?: string; readonly cpus?: string } } };
};

/** Services by name, in the order of the file. */
export type ComposeFile = ReadonlyMap<string, Service>;

const VARIABLE = /\$\{([A-Z_]{1,50})(?::([-+])([^}]{0,200}))?\}/g; // eslint-disable-line security/detect-unsafe-regex -- our own file

/** A variable becomes its default, or its name in lower case. What `:+` gives for a variable that is set is left out. */
const interpolate = (text: string): string =>
  text.replaceAll(VARIABLE, (_, name: string, operator?: string, word?: string) => {
    if (operator === '+') return '';
    return word ?? name.toLowerCase();
  });

export const readComposeFile = (text: string): ComposeFile => {
  const { services } = parse(interpolate(text), { merge: true, maxAliasCount: -1 }) as {
    services: Record<string, Service>;
  };
  return new Map(Object.entries(services));
};

/** Environment of a service, values as text. */
export const environmentOf = ({ environment = {} }: Service): [string, string][] => {
  if (Array.isArray(environment)) throw new Error('An environment is a map here, not a list.');
  return Object.entries(environment).map(([name, value]) => [name, String(value)]);
};
