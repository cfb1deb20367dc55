import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { inject } from 'vitest';

import { LOGINS, using } from './template-database.ts';

export type TestDatabase = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** May change the schema: what migrations run as. */
  readonly ownerUser: string;
  readonly ownerPassword: string;
  /** May read and write rows: what the service runs as. */
  readonly appUser: string;
  readonly appPassword: string;
  /** The same database as superuser. */
  readonly adminUrl: string;
  /** Ends every connection to it. */
  readonly drop: () => Promise<void>;
};

/**
 * A fresh database for one test file; call it in `beforeAll` and `drop` it in `afterAll`.
 * @param options migrated false gives an empty database that already has the roles.
 */
export const makeTestDatabase = async ({ migrated = true }: { migrated?: boolean } = {}): Promise<TestDatabase> => {
  const { postgres, templates } = inject('servers');
  const { host, port, user, password } = postgres;
  const database = `test_${randomBytes(8).toString('hex')}`;
  const run = (name: string, sql: string): Promise<unknown> =>
    using({ ...postgres, database: name }, (client) => client.query(sql));

  await run('postgres', `CREATE DATABASE ${database} TEMPLATE ${migrated ? templates.migrated : templates.empty}`);
  await run(database, await readFile('src/postgres/roles.sql', 'utf8')); // who may connect is not part of a copy
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
