// Root runs the server as another account, and that one may not enter root's own folders (/root, a private temporary folder). What lies
// there gets a place of its own that both can reach.

import { createHash } from 'node:crypto';
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';

import { isReachable, type Account } from './postgres-account.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { EmbeddedPostgresError } from './postgres-error.ts';

// eslint-disable-next-line sonarjs/publicly-writable-directories -- its owner is checked before it is used
const OPEN_PLACE = '/var/tmp/user-service';

/** Everybody may write to /var/tmp, so a folder that somebody else put there is not used. */
const openPlace = async (): Promise<string> => {
  await mkdir(OPEN_PLACE, { recursive: true, mode: 0o755 });
  const { uid, mode } = await stat(OPEN_PLACE);
  if (uid === process.getuid?.() && (mode & 0o022) === 0) return OPEN_PLACE;
  throw new EmbeddedPostgresError(
    'POSTGRES_FOLDER_CLOSED',
    `${OPEN_PLACE} belongs to somebody else. Remove it, or start as another user.`,
  );
};

const nameFor = (path: string): string =>
  `${basename(path)}-${createHash('sha256').update(path).digest('hex').slice(0, 12)}`;

/** `wanted` itself where the account gets there, else a folder in the open place that always is the same for it. */
export const reachableFolder = async (wanted: string, account: Account): Promise<string> => {
  const folder = resolve(wanted);
  return (await isReachable(folder, account)) ? folder : join(await openPlace(), nameFor(folder));
};

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The binaries where the account can run them: copied once (60 MB) when the project itself is in a closed folder. */
export const reachableBinaries = async (binaries: PostgresBinaries, account: Account): Promise<PostgresBinaries> => {
  if (await isReachable(binaries.postgres, account)) return binaries;
  const native = dirname(dirname(binaries.postgres));
  const copy = join(await openPlace(), nameFor(native));
  if (!(await exists(copy))) {
    const unfinished = `${copy}.${process.pid}`;
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
    await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true })); // another start was first
  }
  const moved = (path: string): string => join(copy, relative(native, path));
  return { initdb: moved(binaries.initdb), postgres: moved(binaries.postgres) };
};
