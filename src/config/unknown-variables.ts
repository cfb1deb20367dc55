// A misspelt variable would silently be a default. So a variable with the prefix of a section has to be one of the settings.

import type { ConfigFault } from './config-error.ts';
import { isLink, variables, type Environment } from './environment.ts';
import { settingsOf, type Section } from './setting.ts';

/** Variables of others that happen to have such a prefix: proxies, and what Kubernetes sets for a Service named `redis`. */
const FOREIGN = [/^HTTP_PROXY(?:_|$)/, /_SERVICE_(?:HOST|PORT)(?:_|$)/, /_PORT_\d+_(?:TCP|UDP|SCTP)(?:_|$)/];

/** The names of linked containers, `REDIS` for `REDIS_PORT=tcp://…`. Docker adds `REDIS_NAME`, and `REDIS_ENV_…` for each of their variables. */
const linkedNames = (env: Environment): string[] =>
  Object.entries(env)
    .filter(([name, text = '']) => name.endsWith('_PORT') && isLink(name, text))
    .map(([name]) => name.slice(0, -'_PORT'.length));

const isOfLink = (name: string, linked: readonly string[]): boolean =>
  linked.some((link) => name === `${link}_NAME` || name.startsWith(`${link}_ENV_`));

const FARTHEST_SUGGESTION = 3;

/** The words that all names begin with, `HTTP_`; empty when there are none. The last word is never one of them. */
const commonPrefix = ([first = '', ...others]: readonly string[]): string => {
  const prefixes = [...first.matchAll(/_/g)].map(({ index }) => first.slice(0, index + 1));
  return prefixes.findLast((prefix) => others.every((name) => name.startsWith(prefix))) ?? '';
};

/** The prefixes of all sections, each once: `HTTP_MANAGEMENT_` is left out beside `HTTP_`. */
export const prefixesOf = (sections: Readonly<Record<string, Section>>): string[] => {
  const all = Object.values(sections).map((section) => commonPrefix(settingsOf(section).map(([, { env }]) => env)));
  const covered = (prefix: string): boolean =>
    all.some((other) => other !== '' && other !== prefix && prefix.startsWith(other));
  return [...new Set(all)].filter((prefix) => prefix !== '' && !covered(prefix));
};

/** Levenshtein distance: insertions, removals and replacements between two names. */
const distance = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const row = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (previous.at(j) ?? 0) + (a.charAt(i) === b.charAt(j) ? 0 : 1);
      row.push(Math.min((row.at(j) ?? 0) + 1, (previous.at(j + 1) ?? 0) + 1, replaced));
    }
    previous = row;
  }
  return previous.at(-1) ?? 0;
};

const suggestion = (name: string, known: readonly string[]): string => {
  const [nearest] = known
    .map((candidate) => ({ candidate, far: distance(name, candidate) }))
    .filter(({ far }) => far <= FARTHEST_SUGGESTION)
    .sort((a, b) => a.far - b.far);
  return nearest === undefined
    ? 'is not a known setting'
    : `is not a known setting; did you mean ${nearest.candidate}?`;
};

type Ours = { readonly known: readonly string[]; readonly prefixes: readonly string[] };

/** @param known the names of all sections, those of other processes too */
export const unknownVariables = (env: Environment, { known, prefixes }: Ours): ConfigFault[] => {
  const linked = linkedNames(env);
  return Object.keys(variables(env))
    .filter((name) => prefixes.some((prefix) => name.startsWith(prefix)))
    .filter((name) => !known.includes(name) && !FOREIGN.some((pattern) => pattern.test(name)))
    .filter((name) => !isOfLink(name, linked))
    .map((name) => ({ env: name, detail: suggestion(name, known) }));
};
