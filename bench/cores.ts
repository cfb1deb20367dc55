// Pins the measured server to one core and everything else (load generator, Redis, PostgreSQL) to another.

import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const SERVER_CORE = '0';
const LOAD_CORE = '1';

/** Pins this process, and the processes that it starts later, to the load core. Returns false when pinning is not possible. */
export const takeLoadCore = (): boolean => {
  if (availableParallelism() < 2) return false;
  try {
    // eslint-disable-next-line sonarjs/no-os-command-from-path -- a developer's own machine
    execFileSync('taskset', ['-a', '-p', '-c', LOAD_CORE, `${process.pid}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** The command line that runs `args` with the current Node, pinned to the server core when `pinned`. */
export const serverCommand = (args: readonly string[], pinned: boolean): [string, string[]] =>
  pinned ? ['taskset', ['-c', SERVER_CORE, process.execPath, ...args]] : [process.execPath, [...args]];
