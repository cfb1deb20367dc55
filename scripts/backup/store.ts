// The folder of the backups: wal/ (the server archives into it), base/<time>/ (one base backup each), backups.json (whose they are).

import { createHash } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { BackupError } from './backup-error.ts';
import type { Account } from './programs.ts';

/** What `npm run backup` writes next to a base backup, as backup.json. */
export type Manifest = {
  readonly systemIdentifier: string;
  /** Clock of the server. */
  readonly startedAt: string;
  /** Clock of the server. A restore can go to this time or a later one. */
  readonly endedAt: string;
  readonly serverVersion: string;
  readonly major: number;
  readonly timeline: number;
  readonly startLsn: string;
  readonly endLsn: string;
  /** The segment with which a recovery begins. */
  readonly firstWal: string;
  readonly segmentBytes: number;
  readonly bytes: number;
  readonly files: number;
  /** Of backup_manifest, which has the checksum of every file. */
  readonly manifestSha256: string;
};

export type Backup = Manifest & { readonly folder: string; readonly name: string };

export type Store = {
  readonly folder: string;
  readonly wal: string;
  readonly base: string;
  /** Owns the files: the account of the server, which writes wal/. Empty unless this process runs as root. */
  readonly account: Account;
};

const OWN = new Set(['wal', 'base', 'backups.json', 'lost+found']);

/** Of all files; data folders are read only by the account of the server. */
const PRIVATE = 0o700;

export const sha256Of = async (file: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex');

const accountOf = async (wal: string): Promise<Account> => {
  const { uid, gid } = await stat(wal);
  if (process.getuid?.() !== 0) return {};
  if (uid === 0)
    throw new BackupError(`${wal} belongs to root: it must belong to the account of the server, which writes it.`);
  return { uid, gid };
};

/** @throws BackupError when the folder is not one of backups */
export const openStore = async (directory: string): Promise<Store> => {
  const folder = resolve(directory);
  const entries = await readdir(folder).catch((cause: unknown) => {
    throw new BackupError('The folder of the backups can not be read.', { cause });
  });
  const foreign = entries.find((entry) => !OWN.has(entry));
  if (foreign !== undefined) throw new BackupError(`${folder} is no folder of backups: it has ${foreign}.`);
  const wal = join(folder, 'wal');
  if (!entries.includes('wal'))
    throw new BackupError(`${wal} does not exist: archive_command of the server must write into it.`);
  return { folder, wal, base: join(folder, 'base'), account: await accountOf(wal) };
};

/** Binds the folder to one server: the archives of two would overwrite each other. @throws BackupError for another server */
export const claimStore = async (store: Store, systemIdentifier: string): Promise<void> => {
  const file = join(store.folder, 'backups.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) {
    await writeFile(file, `${JSON.stringify({ systemIdentifier })}\n`);
    return;
  }
  const owner = (JSON.parse(text) as { systemIdentifier: string }).systemIdentifier;
  if (owner !== systemIdentifier)
    throw new BackupError(`${store.folder} has backups of another server (system identifier ${owner}).`);
};

const give = async (path: string, { uid, gid }: Account): Promise<void> => {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
};

/** A folder for a base backup that is not complete yet: `keep` gives it its name. */
export const addBackup = async (store: Store, at: Date) => {
  const name = at.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const part = join(store.base, `${name}.part`);
  await mkdir(part, { recursive: true, mode: PRIVATE });
  await give(store.base, store.account);
  await give(part, store.account);
  return {
    data: join(part, 'data'),
    keep: async (manifest: Manifest): Promise<Backup> => {
      const file = join(part, 'backup.json');
      await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
      await give(file, store.account);
      const folder = join(store.base, name);
      await rename(part, folder);
      return { ...manifest, folder, name };
    },
  };
};

/** The complete base backups, newest first. */
export const listBackups = async ({ base }: Store): Promise<Backup[]> => {
  const names = await readdir(base).catch(() => []);
  const complete = names.filter((name) => /^\d{8}T\d{6}Z$/.test(name)).toSorted((one, other) => (one < other ? -1 : 1));
  const read = async (name: string): Promise<Backup> => {
    const folder = join(base, name);
    return { ...(JSON.parse(await readFile(join(folder, 'backup.json'), 'utf8')) as Manifest), folder, name };
  };
  return Promise.all(complete.toReversed().map(read));
};
