// PostgreSQL: the installed one with an archive of its WAL, otherwise that from npm.

import { join } from 'node:path';

import { startEmbeddedPostgres } from '../../../../../src/embedded/postgres/server.ts';
import { endsWithThisProcess } from '../../../../../test/support/native/ends-with-this-process.ts';
import type { Archive } from './archive.ts';
import { signalFamily } from './signals.ts';

/** What the kinds of servers have in common, once started. */
export type Launched = {
  readonly port: number;
  readonly pid: () => number | undefined;
  /** Starts it again, after `kill`. */
  readonly start: () => Promise<void>;
  /** SIGKILL. */
  readonly kill: () => Promise<void>;
  /** As an operator stops it, so that it can finish what it does. Without it: `kill`. */
  readonly stop?: () => Promise<void>;
  /** Removes its data as well. */
  readonly close: () => Promise<void>;
};

const DURABILITY_OFF = { fsync: 'off', full_page_writes: 'off', shared_buffers: '32MB' };

const folderIn = (directory: string): string => join(directory, 'postgres');

/** Where its data are. A restored folder in this place is served after a restart. */
export const dataFolder = (directory: string): string => join(folderIn(directory), 'data');

const ofArchive = ({ programs, settings }: Archive) => ({
  binaries: { initdb: join(programs, 'initdb'), postgres: join(programs, 'postgres') },
  settings: { ...DURABILITY_OFF, ...settings },
});

export const launchPostgres = async (directory: string, archive: Archive | undefined): Promise<Launched> => {
  const start = (port?: number) =>
    startEmbeddedPostgres({
      directory: folderIn(directory),
      superuserPassword: 'postgres',
      persistent: true,
      settings: DURABILITY_OFF,
      ...(archive !== undefined && ofArchive(archive)),
      ...(port !== undefined && { port }),
    });
  let server = await start();
  const { port } = server;
  const guard = () => (server.pid === undefined ? () => undefined : endsWithThisProcess(server.pid));
  let release = guard();
  const kill = async (): Promise<void> => {
    await signalFamily(server.pid, 'SIGKILL');
    release();
    await server.stop();
  };
  return {
    port,
    pid: () => server.pid,
    start: async () => {
      server = await start(port);
      release = guard();
    },
    kill,
    stop: async () => {
      await server.stop();
      release();
    },
    close: kill,
  };
};
