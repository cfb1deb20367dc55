// A real PostgreSQL without Docker and without installation, for `npm start` and tests. Never part of the image.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

import { serverAccount } from './account.ts';
import { findPostgresBinaries, type PostgresBinaries } from './binaries.ts';
import { prepareData } from './data.ts';
import { EmbeddedPostgresError } from './error.ts';
import { reachableBinaries, reachableFolder } from './place.ts';
import { leaveFolder, takeFolder } from './lock.ts';

export type EmbeddedPostgresOptions = {
  /** Used by this server only; created when missing. */
  readonly directory: string;
  /** Set when the data is created: a persistent server needs the same one at each start. */
  readonly superuserPassword: string;
  /** False: `stop` removes the directory. */
  readonly persistent: boolean;
  /** Default: a free port. */
  readonly port?: number;
  /** Default: the version in package.json. */
  readonly binaries?: PostgresBinaries;
  /** Server settings by name, e.g. `{ fsync: 'off' }`. */
  readonly settings?: Readonly<Record<string, string>>;
};

export type EmbeddedPostgres = {
  readonly host: string;
  readonly port: number;
  /** The superuser. */
  readonly user: string;
  readonly password: string;
  readonly pid: number | undefined;
  /** Closes open connections. Idempotent. */
  readonly stop: () => Promise<void>;
};

const HOST = '127.0.0.1';
const USER = 'postgres';

/** `wanted` if it is free, any free port for 0. */
const findPort = async (wanted: number): Promise<number> => {
  const probe = createServer().listen(wanted, HOST);
  try {
    await once(probe, 'listening');
  } catch (cause) {
    const message = `PostgreSQL can't listen on port ${wanted}: another program uses it.`;
    throw new EmbeddedPostgresError('POSTGRES_PORT_TAKEN', message, { cause });
  }
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
};

const whenReady = (server: ChildProcess): Promise<void> =>
  new Promise((ready, reject) => {
    let log = '';
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-4000);
      if (log.includes('ready to accept connections')) ready();
    });
    const fail = (reason: Error): void => {
      reject(new EmbeddedPostgresError('POSTGRES_NOT_STARTED', 'PostgreSQL did not start.', { cause: reason }));
    };
    server.once('error', fail).once('close', () => {
      fail(new Error(log.trim()));
    });
  });

/** SIGINT is PostgreSQL's fast shutdown: it closes connections, writes a checkpoint and exits. */
const makeStop = (server: ChildProcess): (() => Promise<void>) => {
  const interrupt = (): void => {
    server.kill('SIGINT');
  };
  process.once('exit', interrupt); // stops the server also when the service exits without `stop`
  const exited = new Promise<void>((resolved) => {
    server.once('exit', () => {
      process.removeListener('exit', interrupt);
      resolved();
    });
  });
  return () => {
    interrupt();
    return exited;
  };
};

/**
 * Starts PostgreSQL on 127.0.0.1, and creates its data when there is none.
 * @throws EmbeddedPostgresError
 */
export const startEmbeddedPostgres = async (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  const { superuserPassword: password, persistent, settings = {} } = options;
  const account = await serverAccount();
  const binaries = await reachableBinaries(options.binaries ?? (await findPostgresBinaries()), account);
  const directory = await reachableFolder(options.directory, account);
  const data = join(directory, 'data');
  await takeFolder(directory, data);
  await findPort(options.port ?? 0); // fails before any data is created
  await prepareData({ directory, data, account, binaries, user: USER, password });
  const port = await findPort(options.port ?? 0); // creating data takes seconds, in which a port may be taken

  const flags = Object.entries({ ...settings, listen_addresses: HOST, port: `${port}`, unix_socket_directories: '' });
  const args = ['-D', data, ...flags.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  // its own process group: Ctrl-C in the terminal signals only the service, which stops the server last
  const server = spawn(binaries.postgres, args, {
    ...account,
    cwd: directory,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stopServer = makeStop(server);
  await whenReady(server);

  return {
    host: HOST,
    port,
    user: USER,
    password,
    pid: server.pid,
    stop: async () => {
      await stopServer();
      await (persistent ? leaveFolder(directory) : rm(directory, { recursive: true, force: true }));
    },
  };
};
