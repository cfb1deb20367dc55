/* eslint-disable security/detect-non-literal-fs-filename -- the folder is the configuration's, the name is checked */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { MigrationError } from './errors.ts';

const TEMPLATE = `-- Why this change is needed, and why the previous release works with it.

-- Up Migration

-- Down Migration
`;

/**
 * Writes an empty migration with the next free number. Resolves with its path.
 * @throws MigrationError MIGRATION_FILES_INVALID when the name is not words joined by hyphens
 */
export const createMigration = async (directory: string, words: string): Promise<string> => {
  if (!/^[a-z0-9-]+$/.test(words)) {
    throw new MigrationError(
      'MIGRATION_FILES_INVALID',
      'A migration name has lower-case words joined by hyphens, e.g. add-nicknames.',
    );
  }
  const numbers = (await readdir(directory)).map((entry) => Number.parseInt(entry, 10)).filter(Number.isInteger);
  const number = String(Math.max(0, ...numbers) + 1).padStart(4, '0');
  const path = join(directory, `${number}_${words}.sql`);
  await writeFile(path, TEMPLATE, { flag: 'wx' });
  return path;
};
