import pg from 'pg';

import { toClientConfig, type ConnectionOptions } from '../connection.ts';
import { storeUnavailable } from '../errors.ts';
import { MigrationError } from './errors.ts';

/** What migrations run as, whoever logs in: their objects then belong to the group, and any member can change them later. */
const SET_ROLE = 'SET ROLE user_service_owner';
const SET_TIME_ZONE = "SET TIME ZONE 'UTC'";

const beOwner = async (client: pg.Client, user: string): Promise<void> => {
  try {
    await client.query(SET_ROLE);
  } catch (cause) {
    const message = `${user} can't become user_service_owner. Apply src/postgres/roles.sql, and GRANT user_service_owner TO ${user}.`;
    throw new MigrationError('MIGRATION_ROLE_MISSING', message, { cause });
  }
};

const open = async (connection: ConnectionOptions): Promise<pg.Client> => {
  // a statement of a migration may take long; the server's timeouts end it, not the client's
  const client = new pg.Client({ ...toClientConfig(connection), query_timeout: 0 });
  client.on('error', () => undefined); // the statement under way tells it
  try {
    await client.connect();
    return client;
  } catch (cause) {
    throw storeUnavailable(cause);
  }
};

/** Runs `work` on a connection of its own; whatever it left open or locked ends with it. */
export const withSession = async <T>(
  connection: ConnectionOptions,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> => {
  const client = await open(connection);
  try {
    await beOwner(client, connection.user);
    await client.query(SET_TIME_ZONE);
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
};
