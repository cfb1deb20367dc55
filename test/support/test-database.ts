import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { inject } from 'vitest';

import { LOGINS, migrate, using } from './template-database.ts';

export type TestDatabase = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** The role of migrations: may change the schema. */
  readonly ownerUser: string;
  readonly ownerPassword: string;
  /** The role of the service: may read and write rows. */
  readonly appUser: string;
  readonly appPassword: string;
  /** The same database as superuser. */
  readonly adminUrl: string;
  /** Closes all connections and drops the database. */
  readonly drop: () => Promise<void>;
};

type Options = {
  /** False: an empty database with the roles. Default: true. */
  readonly migrated?: boolean;
  /** E.g. `C.UTF-8`, which folds the case of letters beyond ASCII. Default: the locale of the server. */
  readonly locale?: string;
};

/** A new database for one test file: create it in `beforeAll` and `drop` it in `afterAll`. */
export const makeTestDatabase = async ({ migrated = true, locale }: Options = {}): Promise<TestDatabase> => {
  const { postgres, templates } = inject('servers');
  const { host, port, user, password } = postgres;
  const database = `test_${randomBytes(8).toString('hex')}`;
  const run = (name: string, sql: string): Promise<unknown> =>
    using({ ...postgres, database: name }, (client) => client.query(sql));

  const template = migrated ? templates.migrated : templates.empty;
  const source = locale === undefined ? template : `template0 ENCODING 'UTF8' LOCALE '${locale}'`;
  await run('postgres', `CREATE DATABASE ${database} TEMPLATE ${source}`);
  await run(database, await readFile('src/postgres/roles.sql', 'utf8')); // privileges on a database are not copied from its template
  if (locale !== undefined && migrated) await migrate(postgres, database);
  return {
    host,
    port,
    database,
    ...LOGINS,
    adminUrl: `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`,
    drop: async () => {
      await run('postgres', `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
    },
  };
};
