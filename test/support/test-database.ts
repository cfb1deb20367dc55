import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { inject } from 'vitest';

import { LOGINS, using } from './template-database.ts';

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

/**
 * A new database for one test file: create it in `beforeAll` and `drop` it in `afterAll`.
 * @param options migrated: false returns an empty database with the roles. Default: true
 */
export const makeTestDatabase = async ({ migrated = true }: { migrated?: boolean } = {}): Promise<TestDatabase> => {
  const { postgres, templates } = inject('servers');
  const { host, port, user, password } = postgres;
  const database = `test_${randomBytes(8).toString('hex')}`;
  const run = (name: string, sql: string): Promise<unknown> =>
    using({ ...postgres, database: name }, (client) => client.query(sql));

  await run('postgres', `CREATE DATABASE ${database} TEMPLATE ${migrated ? templates.migrated : templates.empty}`);
  await run(database, await readFile('src/postgres/roles.sql', 'utf8')); // privileges on a database are not copied from its template
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
