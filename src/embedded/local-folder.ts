// Where `npm start` keeps its data. A marker says that the folder is ours: nothing else is ever removed.

import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CodedError } from '../errors/coded-error.ts';
import { serverAccount } from './postgres-account.ts';
import { takeFolder } from './postgres-lock.ts';
import { reachableFolder } from './postgres-place.ts';

export class LocalFolderError extends CodedError<'FOLDER_FOREIGN'> {}

export type LocalFolder = { readonly root: string; readonly postgres: string; readonly secrets: string };

const MARKER = 'user-service-data';

const assertOurs = (root: string): void => {
  if (!existsSync(root) || readdirSync(root).length === 0 || existsSync(join(root, MARKER))) return;
  throw new LocalFolderError(
    'FOLDER_FOREIGN',
    `${root} holds files that user-service did not write. Choose an empty folder.`,
  );
};

/**
 * Makes the folder, or empties it when `fresh`.
 * @throws LocalFolderError when there is something in it that is not ours
 * @throws EmbeddedPostgresError POSTGRES_IN_USE when another process runs on it
 */
export const openLocalFolder = async (path: string, { fresh }: { fresh: boolean }): Promise<LocalFolder> => {
  const root = resolve(path);
  assertOurs(root);
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, MARKER), 'Data of `npm start`. `npm start -- --fresh` begins anew.\n');
  const postgres = await reachableFolder(join(root, 'postgres'), await serverAccount());
  const folder = { root, postgres, secrets: join(root, 'secrets') };
  await takeFolder(folder.postgres, join(folder.postgres, 'data'));
  if (fresh) for (const part of [folder.postgres, folder.secrets]) rmSync(part, { recursive: true, force: true });
  return folder;
};
