// One stack of a kind at a time: a file with the id of the process that runs it.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';

import { UsageError } from '../../../src/composition/command-line.ts';
import { ROOT } from './stack.ts';

const OWNER = createHash('sha256').update(`${hostname()}:${ROOT}`).digest('hex').slice(0, 6);

/** Of the Compose project and of the namespace. Another checkout and another machine have another one: a run replaces what a killed one has left, and nothing else. */
export const OWN_NAME = `user-service-gameday-${OWNER}`;

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const ownerOf = (file: string): number | undefined => {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
};

/** @returns what releases it. @throws UsageError when a process that runs has it. A process that was killed has left it */
export const claim = (file: string, what: string): (() => void) => {
  const owner = ownerOf(file);
  if (owner !== undefined && isAlive(owner)) throw new UsageError(`${what} is running already: process ${owner}.`);
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  writeFileSync(file, String(process.pid), { flag: 'wx' }); // fails when another one has just claimed it
  return () => {
    rmSync(file, { force: true });
  };
};
