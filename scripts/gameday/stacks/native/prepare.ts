// What a deployment does before processes start: roles and database, tables, topics, schemas.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { makeRoles } from '../../../../src/postgres/administration/make-roles.ts';
import { LOGINS, using } from '../../../../test/support/template-database.ts';
import { ROOT } from '../stack.ts';
import { BACKUP_LOGIN, type Archive } from './postgres/archive.ts';
import { DATABASE, migrationSettings, type Surroundings } from './settings.ts';
import { connectionOf } from './stores.ts';

const createDatabase = async ({ servers }: Surroundings): Promise<void> => {
  await using(connectionOf(servers, 'postgres'), (client) => client.query(`CREATE DATABASE ${DATABASE}`));
  await using(connectionOf(servers), (client) =>
    makeRoles(client, {
      ownerLogin: LOGINS.ownerUser,
      ownerPassword: LOGINS.ownerPassword,
      appLogin: LOGINS.appUser,
      appPassword: LOGINS.appPassword,
    }),
  );
};

/** The program `migrate`, as in a deployment. */
const migrate = async (at: Surroundings, command: string): Promise<void> => {
  // eslint-disable-next-line n/no-process-env -- child processes need them
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, ...migrationSettings(at) };
  await promisify(execFile)(process.execPath, ['src/bin/migrate.ts', command], { cwd: ROOT, env }).catch(
    (error: unknown) => {
      throw new Error(`migrate ${command} failed: ${(error as { stderr?: string }).stderr ?? ''}`, { cause: error });
    },
  );
};

export const prepareServers = async (at: Surroundings, archive: Archive | undefined): Promise<void> => {
  await createDatabase(at);
  if (archive !== undefined) await using(connectionOf(at.servers, 'postgres'), (client) => client.query(BACKUP_LOGIN));
  await Promise.all(['up', 'topics', 'schemas'].map((command) => migrate(at, command)));
};
