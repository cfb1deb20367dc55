// One core for the server that is measured, another for everything else: load, Redis, PostgreSQL.

import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const SERVER_CORE = '0';
const LOAD_CORE = '1';

/** Moves this process, and with it what it starts later, to the load's core. False where that can't be done. */
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

/** The command line that runs `args` with this same Node, on the server's core when `pinned`. */
export const serverCommand = (args: readonly string[], pinned: boolean): [string, string[]] =>
  pinned ? ['taskset', ['-c', SERVER_CORE, process.execPath, ...args]] : [process.execPath, [...args]];
