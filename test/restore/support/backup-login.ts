// The login of `npm run backup`, as docs/backup.md describes it.

import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ArchivingServer } from './archiving-server.ts';

const LOGIN = `
  CREATE ROLE user_service_backup LOGIN REPLICATION PASSWORD 'backup';
  GRANT EXECUTE ON FUNCTION pg_switch_wal() TO user_service_backup;`;

/** @returns the settings of the command */
export const makeBackupLogin = async (server: ArchivingServer): Promise<Record<string, string>> => {
  await server.sql(LOGIN);
  const secrets = await mkdtemp(join(server.folder, 'secrets-'));
  await writeFile(join(secrets, 'postgres_password'), 'backup');
  return {
    POSTGRES_HOST: server.host,
    POSTGRES_PORT: String(server.port),
    POSTGRES_DATABASE: 'postgres',
    POSTGRES_USER: 'user_service_backup',
    SECRETS_DIR: secrets,
  };
};
