// PostgreSQL's own programs, of the same major version as the server: other versions refuse its data, or read it wrongly.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';

import { variable } from '../../src/config/environment.ts';
import { BackupError } from './backup-error.ts';

/** Empty: the account of this process. */
export type Account = { readonly uid?: number; readonly gid?: number };

/** Where the packages of Debian, Ubuntu and Red Hat have them; only some are on PATH. */
const foldersFor = (major: number): string[] => [
  ...(variable(env, 'PATH') ?? '').split(delimiter),
  `/usr/lib/postgresql/${major}/bin`,
  `/usr/pgsql-${major}/bin`,
];

const majorOf = async (program: string): Promise<number> => {
  const { stdout } = await promisify(execFile)(program, ['--version']);
  return Number(/\) (\d+)/.exec(stdout)?.[1]);
};

/**
 * The folder that has all of `names`.
 * @param given the only folder to look in
 * @throws BackupError naming what was found and what to install
 */
export const findPrograms = async (major: number, names: readonly string[], given?: string): Promise<string> => {
  const found: string[] = [];
  for (const folder of given === undefined ? foldersFor(major) : [given]) {
    if (!names.every((name) => existsSync(join(folder, name)))) continue;
    const version = await majorOf(join(folder, names[0] ?? ''));
    if (version === major) return folder;
    found.push(`${folder} has version ${version}`);
  }
  const others = found.length > 0 ? ` ${found.join(', ')}.` : '';
  throw new BackupError(
    `${names.join(', ')} of PostgreSQL ${major} are not installed in one folder (Debian: postgresql-${major}).${others}`,
  );
};

type Call = {
  readonly program: string;
  readonly args: readonly string[];
  readonly account?: Account;
  /** In addition to PATH. */
  readonly variables?: Readonly<Record<string, string>>;
};

/** @returns standard output. @throws BackupError with the last lines of standard error when the program fails */
export const runProgram = async ({ program, args, account = {}, variables = {} }: Call): Promise<string> => {
  const child = spawn(program, args, {
    ...account,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: variable(env, 'PATH'), LC_ALL: 'C', TZ: 'UTC', ...variables },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return output.stdout;
  const reason = output.stderr.trim().split('\n').slice(-3).join(' ');
  throw new BackupError(`${program} failed: ${reason}`);
};
