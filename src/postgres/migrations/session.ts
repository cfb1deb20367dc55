import pg from 'pg';

import { prepareSession, toClientConfig, type ConnectionOptions } from '../connection.ts';
import { credentialsOf } from '../credentials.ts';
import { storeUnavailable } from '../errors.ts';
import { MigrationError } from './errors.ts';

/** The role that runs migrations, whoever logs in: objects belong to the group, so that any member can change them later. */
const SET_ROLE = 'SET ROLE user_service_owner';

const beOwner = async (client: pg.Client, user: string): Promise<void> => {
  try {
    await client.query(SET_ROLE);
  } catch (cause) {
    const message = `${user} cannot use the role user_service_owner. Apply src/postgres/roles.sql, and GRANT user_service_owner TO ${user}.`;
    throw new MigrationError('MIGRATION_ROLE_MISSING', message, { cause });
  }
};

const open = async (connection: ConnectionOptions): Promise<pg.Client> => {
  // a statement of a migration may take long: the timeouts of the server end it, not the client's
  const client = new pg.Client({ ...toClientConfig(connection), query_timeout: 0 });
  client.on('error', () => undefined); // the running statement reports it
  try {
    await client.connect();
    await prepareSession(client, connection);
    return client;
  } catch (cause) {
    throw storeUnavailable(cause);
  }
};

/** Runs `work` on a connection of its own, as the login. Closing the connection ends open transactions and releases locks. */
export const withConnection = async <T>(
  connection: ConnectionOptions,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> => {
  const client = await open(connection);
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** The same as the owner of the tables. */
export const withSession = <T>(connection: ConnectionOptions, work: (client: pg.Client) => Promise<T>): Promise<T> =>
  withConnection(connection, async (client) => {
    await beOwner(client, credentialsOf(connection)().user);
    return work(client);
  });
