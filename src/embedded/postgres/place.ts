// A service that runs as root starts the server as another account, which can't enter the folders of root (/root, a private temporary folder).
// Data and binaries in such folders get a folder in /var/tmp that both can access.

import { createHash } from 'node:crypto';
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';

import { isReachable, type Account } from './account.ts';
import type { PostgresBinaries } from './binaries.ts';
import { EmbeddedPostgresError } from './error.ts';

// eslint-disable-next-line sonarjs/publicly-writable-directories -- the owner is checked before use
const OPEN_FOLDER = '/var/tmp/user-service';

/** /var/tmp is world-writable, so a folder of another user is not used. */
const openFolder = async (): Promise<string> => {
  await mkdir(OPEN_FOLDER, { recursive: true, mode: 0o755 });
  const { uid, mode } = await stat(OPEN_FOLDER);
  if (uid === process.getuid?.() && (mode & 0o022) === 0) return OPEN_FOLDER;
  throw new EmbeddedPostgresError(
    'POSTGRES_FOLDER_CLOSED',
    `${OPEN_FOLDER} belongs to another user. Remove it, or start as another user.`,
  );
};

const nameFor = (path: string): string =>
  `${basename(path)}-${createHash('sha256').update(path).digest('hex').slice(0, 12)}`;

/** `wanted` itself if the account can access it, else always the same folder in /var/tmp. */
export const reachableFolder = async (wanted: string, account: Account): Promise<string> => {
  const folder = resolve(wanted);
  return (await isReachable(folder, account)) ? folder : join(await openFolder(), nameFor(folder));
};

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The binaries if the account can run them, else a copy in /var/tmp (60 MB, copied once). */
export const reachableBinaries = async (binaries: PostgresBinaries, account: Account): Promise<PostgresBinaries> => {
  if (await isReachable(binaries.postgres, account)) return binaries;
  const native = dirname(dirname(binaries.postgres));
  const copy = join(await openFolder(), nameFor(native));
  if (!(await exists(copy))) {
    const unfinished = `${copy}.${process.pid}`;
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
    await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true })); // another process was faster
  }
  const moved = (path: string): string => join(copy, relative(native, path));
  return { initdb: moved(binaries.initdb), postgres: moved(binaries.postgres) };
};
