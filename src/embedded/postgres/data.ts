import { execFile } from 'node:child_process';
import { chown, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Account } from './account.ts';
import { majorVersion, type PostgresBinaries } from './binaries.ts';
import { EmbeddedPostgresError } from './error.ts';

type Cluster = {
  readonly directory: string;
  readonly data: string;
  readonly account: Account;
  readonly binaries: PostgresBinaries;
  readonly user: string;
  readonly password: string;
};

const assertSameVersion = async (found: string, { directory, binaries }: Cluster): Promise<void> => {
  const needed = await majorVersion(binaries);
  if (found === needed) return;
  const message = `The data in ${directory} was written by PostgreSQL ${found}, but this is version ${needed}. Start with --fresh, or dump and restore it.`;
  throw new EmbeddedPostgresError('POSTGRES_OTHER_VERSION', message);
};

const changeOwner = async (path: string, { uid, gid }: Account): Promise<void> => {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
};

const initialise = async ({ directory, data, account, binaries, user, password }: Cluster): Promise<void> => {
  const passwordFile = join(directory, 'superuser-password');
  await changeOwner(directory, account);
  await writeFile(passwordFile, password, { mode: 0o600 });
  await changeOwner(passwordFile, account);
  const options = [
    `--username=${user}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
  ];
  try {
    await rm(data, { recursive: true, force: true }); // of an interrupted initdb
    await promisify(execFile)(binaries.initdb, [`--pgdata=${data}`, ...options, '--no-sync'], {
      ...account,
      cwd: directory,
    });
  } finally {
    await rm(passwordFile, { force: true });
  }
};

/**
 * Creates the data folder of a new server, or checks the version of an existing one.
 * @throws EmbeddedPostgresError POSTGRES_OTHER_VERSION
 */
export const prepareData = async (cluster: Cluster): Promise<void> => {
  const version = await readFile(join(cluster.data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version === undefined) await initialise(cluster);
  else await assertSameVersion(version.trim(), cluster);
};
