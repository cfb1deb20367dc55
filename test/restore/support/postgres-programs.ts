// The programs of an installed PostgreSQL: the one from npm has no pg_basebackup.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';

import { variable } from '../../../src/config/environment.ts';

const NEEDED = ['initdb', 'postgres', 'pg_basebackup', 'pg_verifybackup', 'pg_waldump'];
const DEBIAN = '/usr/lib/postgresql';

const inDebian = (): string[] =>
  (existsSync(DEBIAN) ? readdirSync(DEBIAN) : [])
    .toSorted((one, other) => Number(other) - Number(one))
    .map((major) => join(DEBIAN, major, 'bin'));

const isComplete = (folder: string): boolean => NEEDED.every((name) => existsSync(join(folder, name)));

/** POSTGRES_PROGRAMS, or the newest version that Debian's packages have installed. Undefined: none. */
export const postgresPrograms = (): string | undefined =>
  [variable(env, 'POSTGRES_PROGRAMS') ?? '', ...inDebian()].find((folder) => folder !== '' && isComplete(folder));

/** For example `15.18`. */
export const versionOf = (programs: string): string =>
  /\) (\S+)/.exec(execFileSync(join(programs, 'postgres'), ['--version'], { encoding: 'utf8' }))?.[1] ?? '';
