import pg, { escapeIdentifier } from 'pg';

import { makeRoles, type Logins } from './make-roles.ts';

type Administrator = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
};

const withClient = async (config: pg.ClientConfig, work: (client: pg.Client) => Promise<unknown>): Promise<void> => {
  const client = new pg.Client(config);
  await client.connect();
  await work(client).finally(() => client.end());
};

const FIND = `
  SELECT datname
  FROM pg_database
  WHERE datname = $1`;

/**
 * Prepares the PostgreSQL server of a laptop or of tests: creates the database `database` if it does not exist, the roles, and a
 * login for each of them. Can be called again, which sets the passwords.
 */
export const makeDatabase = async ({ database, ...server }: Administrator, logins: Logins): Promise<void> => {
  await withClient({ ...server, database: 'postgres' }, async (client) => {
    const { rowCount } = await client.query(FIND, [database]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${escapeIdentifier(database)}`);
  });
  await withClient({ ...server, database }, (client) => makeRoles(client, logins));
};
