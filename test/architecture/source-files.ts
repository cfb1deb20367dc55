// Reads a tree of TypeScript as text: enough for the architecture rules, and no build is needed.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

import { importsIn } from '../../scripts/docs/imports.ts';

export type Import = { readonly target: string; readonly typeOnly: boolean };
/** `path` is relative to the tree; `module` is its first folder. Targets of imports are paths of the same kind. */
export type SourceFile = {
  readonly path: string;
  readonly module: string;
  readonly text: string;
  readonly imports: Import[];
};

const importsOf = (path: string, text: string): Import[] =>
  importsIn(text)
    .filter(({ from }) => from.startsWith('.'))
    .map(({ from, typeOnly }) => ({ target: normalize(join(dirname(path), from)), typeOnly }));

/** Every `.ts` file below `root`, in alphabetical order. */
export const sourceFiles = (root: string): SourceFile[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort((a, b) => a.localeCompare(b))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, module: path.split('/')[0] ?? '', text, imports: importsOf(path, text) };
    });
