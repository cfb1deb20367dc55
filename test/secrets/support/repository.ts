// A folder like this repository, with its example files, in which `npm run secrets` can change everything.

import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath } from 'node:process';

import { variable } from '../../../src/config/environment.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Those of the caller would be found, too. */
const NO_KEYS = { HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent' };

/** Each command is a process: half of its time would be the compilation of what it imports. */
const COMPILED = { NODE_COMPILE_CACHE: join(ROOT, '.cache/compiled') };
const OF_CALLER = /^(?:SOPS_|EDITOR$)/;

export type Ran = { readonly status: number | null; readonly output: string };
export type Key = { readonly file: string; readonly recipient: string };

export type Repository = {
  readonly root: string;
  /** @param variables for example SOPS_AGE_KEY_FILE */
  readonly secrets: (args: readonly string[], variables?: Readonly<Record<string, string>>, input?: string) => Ran;
  /** The program itself. */
  readonly sops: (args: readonly string[], key?: Key) => Ran;
  readonly makeKey: () => Key;
  /** @param script a program for EDITOR, which gets the file as $1. @returns its path */
  readonly makeEditor: (script: string) => string;
  readonly read: (path: string) => string;
  readonly write: (path: string, text: string) => void;
  /** Remembers .sops.yaml and secrets/. */
  readonly keep: () => void;
  /** Brings them back, and removes keys that commands have made. */
  readonly reset: () => void;
  readonly remove: () => void;
};

const program = (name: 'SOPS' | 'AGE_KEYGEN', standard: string): string => variable(env, name) ?? standard;

const copyFiles = (from: string, to: string): void => {
  for (const path of ['.sops.yaml', 'secrets']) cpSync(join(from, path), join(to, path), { recursive: true });
};

export const makeRepository = (): Repository => {
  const root = mkdtempSync(join(tmpdir(), 'repository-'));
  copyFiles(ROOT, root);
  const script = `node ${join(ROOT, 'scripts/secrets.ts')}`;
  writeFileSync(join(root, 'package.json'), JSON.stringify({ scripts: { secrets: script }, type: 'module' }));
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !OF_CALLER.test(name)));
  const run = (path: string, args: readonly string[], variables = {}, input = ''): Ran => {
    const { status, stdout, stderr } = spawnSync(path, args, {
      ...{ cwd: root, encoding: 'utf8', input },
      env: { ...own, ...NO_KEYS, ...COMPILED, ...variables },
    });
    return { status, output: `${stdout}${stderr}` };
  };
  return {
    root,
    secrets: (args, variables, input) => run(execPath, [join(ROOT, 'scripts/secrets.ts'), ...args], variables, input),
    sops: (args, key) => run(program('SOPS', 'sops'), args, key && { SOPS_AGE_KEY_FILE: key.file }),
    makeKey: () => {
      const folder = join(root, '.local/keys');
      mkdirSync(folder, { recursive: true });
      const file = join(folder, String(readdirSync(folder).length));
      const made = run(program('AGE_KEYGEN', 'age-keygen'), ['--output', file]);
      return { file, recipient: /age1\S+/.exec(made.output)?.[0] ?? '' };
    },
    makeEditor: (body) => {
      const path = join(root, '.local/editor');
      mkdirSync(join(root, '.local'), { recursive: true });
      writeFileSync(path, `#!/bin/sh\n${body}\n`);
      chmodSync(path, 0o755);
      return path;
    },
    read: (path) => readFileSync(join(root, path), 'utf8'),
    write: (path, text) => {
      writeFileSync(join(root, path), text);
    },
    keep: () => {
      copyFiles(root, join(root, '.local/kept'));
    },
    reset: () => {
      copyFiles(join(root, '.local/kept'), root);
      rmSync(join(root, '.local/sops'), { recursive: true, force: true });
    },
    remove: () => {
      rmSync(root, { recursive: true });
    },
  };
};
