// An archive of the WAL and a login for base backups, as docs/backup.md sets them up. The PostgreSQL from npm has no pg_basebackup: without an installed
// one there is no archive.

import { chown, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env } from 'node:process';

import { variable } from '../../../../../src/config/environment.ts';
import { serverAccount } from '../../../../../src/embedded/postgres/account.ts';
import { provide } from '../../../../provide.ts';
import { ROOT } from '../../stack.ts';

const SCRIPT = join(ROOT, 'scripts/backup/archive-wal.sh');
const USER = 'user_service_backup';
const PASSWORD = 'backup';

/** As docs/backup.md has it. */
export const BACKUP_LOGIN = `
  CREATE ROLE ${USER} LOGIN REPLICATION PASSWORD '${PASSWORD}';
  GRANT EXECUTE ON FUNCTION pg_switch_wal() TO ${USER};`;

export type Archive = {
  /** Of the installed PostgreSQL. */
  readonly programs: string;
  /** The folder of the backups. */
  readonly backups: string;
  /** Of the server. */
  readonly settings: Readonly<Record<string, string>>;
  /** A folder with the password of the login. */
  readonly secrets: string;
};

/** The folder of its programs, or the reason when PostgreSQL is not installed. */
export const findInstalledPostgres = (): { readonly programs?: string; readonly reason?: string } => {
  const given = variable(env, 'POSTGRES_PROGRAMS');
  if (given !== undefined) return { programs: given };
  const found = provide('postgres');
  return typeof found === 'string' ? { reason: found } : { programs: found.POSTGRES_PROGRAMS ?? '' };
};

const makeFolders = async (directory: string) => {
  const [backups, secrets] = [join(directory, 'backups'), join(directory, 'backup-secrets')];
  const archiver = join(directory, 'archive-wal.sh'); // the account of the server may not enter this checkout
  await mkdir(join(backups, 'wal'), { recursive: true });
  await mkdir(secrets);
  await writeFile(join(secrets, 'postgres_password'), PASSWORD, { mode: 0o600 });
  await copyFile(SCRIPT, archiver);
  const { uid, gid } = await serverAccount();
  if (uid !== undefined && gid !== undefined)
    for (const path of [backups, join(backups, 'wal')]) await chown(path, uid, gid);
  return { backups, secrets, archiver };
};

/** @returns undefined when PostgreSQL is not installed */
export const makeArchive = async (directory: string): Promise<Archive | undefined> => {
  const { programs } = findInstalledPostgres();
  if (programs === undefined) return undefined;
  const { archiver, ...folders } = await makeFolders(directory);
  const command = `sh ${archiver} "%p" "${join(folders.backups, 'wal')}/%f"`;
  const settings = { archive_mode: 'on', archive_timeout: '30', archive_command: command };
  return { programs, ...folders, settings };
};

/** Of `npm run backup`. */
export const backupSettings = ({ secrets }: Archive, port: number): Record<string, string> => ({
  SECRETS_DIR: secrets,
  POSTGRES_HOST: '127.0.0.1',
  POSTGRES_PORT: String(port),
  POSTGRES_DATABASE: 'postgres',
  POSTGRES_USER: USER,
});
