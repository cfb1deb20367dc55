// The lock of a data folder. PostgreSQL writes `postmaster.pid`; `owner.pid` is the process id of the service that started it, to
// distinguish a server whose service was killed from one that is in use.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { EmbeddedPostgresError } from './error.ts';

const readPid = async (path: string): Promise<number | undefined> => {
  const text = await readFile(path, 'utf8').catch(() => '');
  return Number.parseInt(text, 10) || undefined;
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Process ids are reused: where the system provides the name of a process, it must be PostgreSQL. */
const isPostgres = async (pid: number): Promise<boolean> =>
  isAlive(pid) && (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'postgres')).includes('postgres');

const stopOrphan = async (pid: number): Promise<void> => {
  process.kill(pid, 'SIGINT');
  for (const deadline = Date.now() + 10_000; isAlive(pid) && Date.now() < deadline;) await pause(20);
};

const ownerFile = (directory: string): string => join(directory, 'owner.pid');

/**
 * Locks the folder for this process. A stale lock is removed; a server whose service has ended is stopped.
 * @throws EmbeddedPostgresError POSTGRES_IN_USE
 */
export const takeFolder = async (directory: string, data: string): Promise<void> => {
  const lock = join(data, 'postmaster.pid');
  const [server, owner] = await Promise.all([readPid(lock), readPid(ownerFile(directory))]);
  if (server !== undefined && (await isPostgres(server))) {
    if (owner !== undefined && isAlive(owner)) {
      const message = `Another user-service is running in ${directory} (process ${owner}).`;
      throw new EmbeddedPostgresError('POSTGRES_IN_USE', message);
    }
    await stopOrphan(server);
  }
  await rm(lock, { force: true });
  await mkdir(directory, { recursive: true });
  await writeFile(ownerFile(directory), `${process.pid}\n`);
};

export const leaveFolder = (directory: string): Promise<void> => rm(ownerFile(directory), { force: true });
