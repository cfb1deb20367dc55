// Who uses a data folder. PostgreSQL itself leaves `postmaster.pid`; beside it stands the pid of the service that started it,
// so that a server whose service was killed is told apart from one that is in use.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { EmbeddedPostgresError } from './postgres-error.ts';

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

/** Process ids are used again: where the system tells a process's name, it has to be PostgreSQL's. */
const isPostgres = async (pid: number): Promise<boolean> =>
  isAlive(pid) && (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'postgres')).includes('postgres');

const endOrphan = async (pid: number): Promise<void> => {
  process.kill(pid, 'SIGINT');
  for (const deadline = Date.now() + 10_000; isAlive(pid) && Date.now() < deadline;) await pause(20);
};

const ownerFile = (directory: string): string => join(directory, 'owner.pid');

/**
 * Makes sure that nobody else runs on `data`, then signs the folder. A leftover lock is removed; a server that outlived its
 * service is stopped.
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
    await endOrphan(server);
  }
  await rm(lock, { force: true });
  await mkdir(directory, { recursive: true });
  await writeFile(ownerFile(directory), `${process.pid}\n`);
};

export const leaveFolder = (directory: string): Promise<void> => rm(ownerFile(directory), { force: true });
