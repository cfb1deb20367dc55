// The credentials that a process uses. Changed ones are tried on a connection of their own first, and are in use only when the server has accepted
// them: until then, the previous ones and their connections stay. So a wrong password in the file does no harm while the old one works.

import pg from 'pg';

import { prepareSession, toClientConfig, type ConnectionOptions } from './connection.ts';
import { credentialsOf, isSameLogin, type Credentials, type CurrentCredentials } from './credentials.ts';
import { storeUnavailable } from './errors.ts';

const MAY_WRITE = `
  SELECT has_table_privilege('outbox', 'INSERT') AS may_write`;

const tryOut = async (connection: ConnectionOptions, credentials: Credentials): Promise<void> => {
  const client = new pg.Client(toClientConfig({ ...connection, credentials: () => credentials }));
  client.on('error', () => undefined); // the running statement reports it
  try {
    await client.connect();
    await prepareSession(client, connection);
    const { rows } = await client.query<{ may_write: boolean }>(MAY_WRITE);
    if (rows[0]?.may_write !== true) throw new Error('The login must not write.');
  } finally {
    await client.end().catch(() => undefined);
  }
};

type ProcessLogin = CurrentCredentials & {
  /**
   * Reads the credentials again, and uses changed ones from now on if the server accepts them.
   * @returns true when they have changed
   * @throws Unavailable STORE_UNAVAILABLE when it does not: the previous ones stay in use
   */
  readonly adopt: () => Promise<boolean>;
};

/** One per process, shared by everything that connects. Calling it returns the credentials in use. */
export const makeLogin = (connection: ConnectionOptions): ProcessLogin => {
  const newest = credentialsOf(connection);
  let inUse = newest();
  let running: Promise<boolean> | undefined;

  const adoptNewest = async (): Promise<boolean> => {
    newest.refresh?.();
    const next = newest();
    if (isSameLogin(next, inUse)) return false;
    try {
      await tryOut(connection, next);
    } catch (cause) {
      throw storeUnavailable(cause);
    }
    inUse = next;
    return true;
  };
  const adopt = (): Promise<boolean> =>
    (running ??= adoptNewest().finally(() => {
      running = undefined;
    }));
  return Object.assign(() => inUse, { adopt });
};
