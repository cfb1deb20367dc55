// Which files have to be copied together: the entry files and everything that they import, types included.

import { posix } from 'node:path';

import { importsIn } from './imports.ts';

export type Closure = {
  /** Each file, in the order of its distance from the entries, with the file that imports it; an entry has none. */
  readonly files: ReadonlyMap<string, string | undefined>;
  /** Names of npm packages, sorted. */
  readonly packages: readonly string[];
};

const packageOf = (from: string): string =>
  from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/');

const isFollowed = (path: string): boolean => /\.m?ts$/.test(path) && !path.endsWith('.test.ts');

/** `read` gives the text of a file, or undefined where there is none. */
export const closureOf = (entries: readonly string[], read: (path: string) => string | undefined): Closure => {
  const files = new Map<string, string | undefined>(entries.map((entry) => [entry, undefined]));
  const packages = new Set<string>();
  // a Map's iterator also visits what is added while it runs
  for (const path of files.keys()) {
    if (!isFollowed(path)) continue;
    for (const { from } of importsIn(read(path) ?? '')) {
      const target = posix.join(posix.dirname(path), from);
      if (!from.startsWith('.')) packages.add(packageOf(from));
      else if (!files.has(target)) files.set(target, path);
    }
  }
  const npm = [...packages].filter((name) => !name.startsWith('node:'));
  return { files, packages: npm.toSorted((a, b) => a.localeCompare(b)) };
};

/** `entry → … → path`. */
export const chainTo = ({ files }: Closure, path: string): string => {
  const importer = files.get(path);
  return importer === undefined ? path : `${chainTo({ files, packages: [] }, importer)} → ${path}`;
};
