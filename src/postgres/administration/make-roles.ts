// For PostgreSQL servers of a laptop and of tests. In a deployment an administrator runs roles.sql.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { escapeIdentifier, escapeLiteral, type ClientBase } from 'pg';

export type Logins = {
  readonly ownerLogin: string;
  readonly ownerPassword: string;
  readonly appLogin: string;
  readonly appPassword: string;
};

const ROLES = join(import.meta.dirname, '../roles.sql');

// statements that define a role accept no parameters, so the values are quoted here
const loginSql = (login: string, password: string, group: string): string => `
  DO $$ BEGIN
    CREATE ROLE ${escapeIdentifier(login)} LOGIN;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END $$;
  GRANT ${group} TO ${escapeIdentifier(login)};
  ALTER ROLE ${escapeIdentifier(login)} PASSWORD ${escapeLiteral(password)};`;

/**
 * Applies roles.sql to the database that `client` is connected to as an administrator, and creates a login for each group.
 * Can be called again, which sets the passwords.
 */
export const makeRoles = async (client: ClientBase, logins: Logins): Promise<void> => {
  await client.query(await readFile(ROLES, 'utf8'));
  await client.query(loginSql(logins.ownerLogin, logins.ownerPassword, 'user_service_owner'));
  await client.query(loginSql(logins.appLogin, logins.appPassword, 'user_service_app'));
};
