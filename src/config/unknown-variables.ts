// A misspelt variable is silently a default; so a name with one of our prefixes has to be one of our names.

import type { ConfigFault } from './config-error.ts';
import type { Environment } from './environment.ts';

const OURS = /^(?:HTTP|POSTGRES|REDIS|AUTH|KAFKA|SCHEMA_REGISTRY|OUTBOX|CONSUMERS|PAYMENTS|LIFECYCLE|LOG)_/;

/** Variables of others that happen to begin like ours: proxies, and what Kubernetes tells about a Service named `redis`. */
const FOREIGN = [/^HTTP_PROXY(?:_|$)/, /_SERVICE_(?:HOST|PORT)(?:_|$)/, /_PORT_\d+_(?:TCP|UDP)(?:_|$)/];

const FARTHEST_SUGGESTION = 3;

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
  return nearest === undefined ? 'is not known' : `is not known; did you mean ${nearest.candidate}?`;
};

/** @param known every name of every room, those of other processes too */
export const unknownVariables = (env: Environment, known: readonly string[]): ConfigFault[] =>
  Object.keys(env)
    .filter((name) => OURS.test(name) && !known.includes(name) && !FOREIGN.some((pattern) => pattern.test(name)))
    .map((name) => ({ env: name, detail: suggestion(name, known) }));
