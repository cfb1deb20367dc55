// The data folder of `npm start`. Only a folder with its marker file is ever emptied.

import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { CodedError } from '../errors/coded-error.ts';
import { serverAccount } from './postgres/account.ts';
import { takeFolder } from './postgres/lock.ts';
import { reachableFolder } from './postgres/place.ts';

export class LocalFolderError extends CodedError<'FOLDER_FOREIGN'> {}

export type LocalFolder = { readonly root: string; readonly postgres: string; readonly secrets: string };

const MARKER = 'user-service-data';

const assertOwn = (root: string): void => {
  if (!existsSync(root) || readdirSync(root).length === 0 || existsSync(join(root, MARKER))) return;
  throw new LocalFolderError(
    'FOLDER_FOREIGN',
    `${root} holds files that user-service did not write. Choose an empty folder.`,
  );
};

/**
 * Creates the folder, or empties it when `fresh`.
 * @throws LocalFolderError when it has files that user-service did not write
 * @throws EmbeddedPostgresError POSTGRES_IN_USE when another process uses it
 */
export const openLocalFolder = async (path: string, { fresh }: { fresh: boolean }): Promise<LocalFolder> => {
  const root = resolve(path);
  assertOwn(root);
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, MARKER), 'Data of `npm start`. `npm start -- --fresh` resets the data.\n');
  const postgres = await reachableFolder(join(root, 'postgres'), await serverAccount());
  const folder = { root, postgres, secrets: join(root, 'secrets') };
  await takeFolder(folder.postgres, join(folder.postgres, 'data'));
  if (fresh) for (const part of [folder.postgres, folder.secrets]) rmSync(part, { recursive: true, force: true });
  return folder;
};
