// The files of this repository, as the practice index reads them.

import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export type Repository = {
  /** The text of a file, or undefined where there is no file. */
  readonly read: (path: string) => string | undefined;
  /** Files that a pattern with `*` stands for, sorted. */
  readonly list: (pattern: string) => readonly string[];
};

const root = join(import.meta.dirname, '../..');

const isFile = (path: string): boolean => statSync(join(root, path), { throwIfNoEntry: false })?.isFile() ?? false;

export const repository: Repository = {
  read: (path) => (isFile(path) ? readFileSync(join(root, path), 'utf8') : undefined),
  list: (pattern) =>
    globSync(pattern, { cwd: root })
      .filter((path) => isFile(path))
      .sort((a, b) => a.localeCompare(b)),
};

/** Patterns replaced by the files that they stand for. */
export const filesOf = (paths: readonly string[], { list }: Repository): string[] =>
  paths.flatMap((path) => (path.includes('*') ? list(path) : [path]));
