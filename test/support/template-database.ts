// Copying a database is faster than migrating one: a test run migrates a template, and every test file gets a copy of it.

import { randomBytes } from 'node:crypto';

import pg from 'pg';

import { makeRoles } from '../../src/postgres/administration/make-roles.ts';
import { makeMigrations } from '../../src/postgres/migrations/migrations.ts';
import type { PostgresServer, Servers } from './servers.ts';

/** Logins of test databases. */
export const LOGINS = {
  ownerUser: 'user_service_owner_login',
  ownerPassword: 'owner',
  appUser: 'user_service_app_login',
  appPassword: 'app',
} as const;

export type Templates = { readonly names: Servers['templates']; readonly drop: () => Promise<void> };

/** Runs `work` with a connection that is always closed. */
export const using = async <T>(config: pg.ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client(config);
  await client.connect();
  return work(client).finally(() => client.end());
};

const makeLogins = (client: pg.Client): Promise<void> =>
  makeRoles(client, {
    ownerLogin: LOGINS.ownerUser,
    ownerPassword: LOGINS.ownerPassword,
    appLogin: LOGINS.appUser,
    appPassword: LOGINS.appPassword,
  });

/** Runs the project's migrations in `database`. */
export const migrate = async ({ host, port }: PostgresServer, database: string): Promise<void> => {
  const password = (): string => LOGINS.ownerPassword;
  const connection = { host, port, database, user: LOGINS.ownerUser, password, tls: 'disable' } as const;
  await makeMigrations({ connection }).up();
};

/** Creates two template databases: one with the roles only, and one with the migrations, too. */
export const makeTemplates = async (server: PostgresServer): Promise<Templates> => {
  const run = randomBytes(4).toString('hex');
  const names = { empty: `template_empty_${run}`, migrated: `template_migrated_${run}` };
  const administer = (sql: string): Promise<unknown> =>
    using({ ...server, database: 'postgres' }, (client) => client.query(sql));

  await administer(`CREATE DATABASE ${names.empty}`);
  await using({ ...server, database: names.empty }, makeLogins);
  await administer(`CREATE DATABASE ${names.migrated} TEMPLATE ${names.empty}`);
  await migrate(server, names.migrated);
  return {
    names,
    drop: async () => {
      await administer(`DROP DATABASE ${names.empty} WITH (FORCE)`);
      await administer(`DROP DATABASE ${names.migrated} WITH (FORCE)`);
    },
  };
};
